namespace BootProtocol.Kexec;

/// <summary>The running system loads no kernel: it has no kexec or no rights for this user, is locked down, or does not show what is needed.</summary>
/// <example><code>
/// try
/// {
///     KexecHost.Open().Check(KexecPurpose.Restart);
/// }
/// catch (KexecUnavailableException missing)
/// {
///     Console.WriteLine(missing.Message);
/// }
/// </code></example>
public sealed class KexecUnavailableException : Exception
{
    /// <summary>Names what is missing.</summary>
    /// <param name="message">What is missing, in one line.</param>
    /// <param name="inner">What said so first, if anything.</param>
    public KexecUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
