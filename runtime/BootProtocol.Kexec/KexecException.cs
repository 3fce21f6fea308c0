using System.Runtime.InteropServices;

namespace BootProtocol.Kexec;

/// <summary>The running kernel refused a step.</summary>
/// <example><code>
/// try
/// {
///     new KexecLoader(KexecHost.Open()).Execute();
/// }
/// catch (KexecException refusal)
/// {
///     Console.WriteLine($"{refusal.Step}: error {refusal.Error}");
/// }
/// catch (KexecUnavailableException missing)
/// {
///     Console.WriteLine(missing.Message);
/// }
/// </code></example>
public sealed class KexecException : Exception
{
    /// <summary>Names the step and what it was refused with.</summary>
    /// <param name="step">What was to be done, such as <c>load the kernel</c>.</param>
    /// <param name="error">Linux's error number.</param>
    /// <param name="detail">What that means here, if anything is known.</param>
    public KexecException(string step, int error, string? detail = null)
        : base($"cannot {step}: {Marshal.GetPInvokeErrorMessage(error)}{(detail is null ? "" : $": {detail}")}")
    {
        Step = step;
        Error = error;
    }

    /// <summary>What was to be done.</summary>
    public string Step { get; }

    /// <summary>Linux's error number.</summary>
    public int Error { get; }
}
