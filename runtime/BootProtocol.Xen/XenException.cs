using System.Globalization;

namespace BootProtocol.Xen;

/// <summary>Xen, or the control domain, refused a step.</summary>
/// <example><code>
/// try
/// {
///     domain.Domain.SetAddressSize(WordSize.Bits32);
/// }
/// catch (XenException refusal)
/// {
///     Console.WriteLine($"{refusal.Step}: {refusal.Error} {refusal.Detail}");
/// }
/// </code></example>
public sealed class XenException : Exception
{
    private static readonly Dictionary<XenError, string> _names = new()
    {
        [XenError.NotPermitted] = "EPERM, not permitted",
        [XenError.NotFound] = "ENOENT, there is no such thing",
        [XenError.NoSuchDomain] = "ESRCH, there is no such domain",
        [XenError.InputOutput] = "EIO, input or output failed",
        [XenError.TooBig] = "E2BIG, too many",
        [XenError.TryAgain] = "EAGAIN, try again",
        [XenError.NoMemory] = "ENOMEM, not enough memory",
        [XenError.AccessDenied] = "EACCES, refused",
        [XenError.BadAddress] = "EFAULT, bad address",
        [XenError.Busy] = "EBUSY, in use",
        [XenError.Exists] = "EEXIST, there already",
        [XenError.NoDevice] = "ENODEV, no such device",
        [XenError.IsDirectory] = "EISDIR, it has parts",
        [XenError.Invalid] = "EINVAL, not valid",
        [XenError.NoSpace] = "ENOSPC, no room",
        [XenError.ReadOnly] = "EROFS, read-only",
        [XenError.NotImplemented] = "ENOSYS, not known here",
        [XenError.NotEmpty] = "ENOTEMPTY, not empty",
        [XenError.Restart] = "ERESTART, interrupted",
        [XenError.NotSupported] = "EOPNOTSUPP, not supported",
        [XenError.IsConnected] = "EISCONN, connected already",
    };

    /// <summary>Names the step and what it was refused with.</summary>
    /// <param name="step">What was to be done, such as <c>pin the page tables</c>.</param>
    /// <param name="error">The error number.</param>
    /// <param name="detail">More about it, if anything.</param>
    /// <param name="inner">What said so first, if anything.</param>
    public XenException(string step, XenError error, string? detail = null, Exception? inner = null)
        : base(Compose(step, error, detail), inner)
    {
        Step = step;
        Error = error;
        Detail = detail;
    }

    /// <summary>What was to be done.</summary>
    public string Step { get; }

    /// <summary>What it was refused with; <see cref="XenError.None"/> if it was no call that failed.</summary>
    public XenError Error { get; }

    /// <summary>More about it, if anything.</summary>
    public string? Detail { get; }

    /// <summary>An error's name and meaning.</summary>
    internal static string Spell(XenError error) => _names.TryGetValue(error, out string? name)
        ? name
        : string.Create(CultureInfo.InvariantCulture, $"error {(int)error}");

    /// <summary>The error that xenstore spells, such as <c>ENOENT</c>.</summary>
    internal static XenError Parse(string name) =>
        _names.FirstOrDefault(pair => pair.Value.StartsWith(name + ",", StringComparison.Ordinal)).Key is var error and not XenError.None
            ? error
            : XenError.InputOutput;

    /// <summary>Passes an answer on unless it is an error.</summary>
    /// <param name="step">What was to be done.</param>
    /// <param name="answer">The answer; a negative one is an error number.</param>
    /// <exception cref="XenException">The answer is an error.</exception>
    internal static long Check(string step, long answer) => answer >= 0 ? answer : throw new XenException(step, (XenError)(int)-answer);

    private static string Compose(string step, XenError error, string? detail)
    {
        string reason = error == XenError.None ? "" : $": {Spell(error)}";
        return detail is null ? $"cannot {step}{reason}" : $"cannot {step}{reason} ({detail})";
    }
}
