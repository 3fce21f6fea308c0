using System.Runtime.InteropServices;

namespace BootProtocol.Kvm;

/// <summary>KVM refused a step.</summary>
/// <example><code>
/// try
/// {
///     KvmMachine.Check();
/// }
/// catch (KvmException refusal)
/// {
///     Console.WriteLine($"{refusal.Step}: error {refusal.Error}");
/// }
/// catch (KvmUnavailableException missing)
/// {
///     Console.WriteLine(missing.Message);
/// }
/// </code></example>
public sealed class KvmException : Exception
{
    /// <summary>Names the step and what it was refused with.</summary>
    /// <param name="step">What was to be done, such as <c>make a processor</c>.</param>
    /// <param name="error">Linux's error number; 0 if it was no call that failed.</param>
    /// <param name="detail">More about it, if anything.</param>
    public KvmException(string step, int error, string? detail = null)
        : base(Compose(step, error, detail))
    {
        Step = step;
        Error = error;
    }

    /// <summary>What was to be done.</summary>
    public string Step { get; }

    /// <summary>Linux's error number; 0 if it was no call that failed.</summary>
    public int Error { get; }

    private static string Compose(string step, int error, string? detail)
    {
        string reason = error == 0 ? "" : $": {Marshal.GetPInvokeErrorMessage(error)}";
        return detail is null ? $"cannot {step}{reason}" : $"cannot {step}{reason}: {detail}";
    }
}
