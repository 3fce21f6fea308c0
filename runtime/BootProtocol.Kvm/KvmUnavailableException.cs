namespace BootProtocol.Kvm;

/// <summary>There is no KVM to use: no driver, no rights, or no processor that has what it takes.</summary>
/// <example><code>
/// try
/// {
///     KvmMachine.Check();
/// }
/// catch (KvmUnavailableException missing)
/// {
///     Console.WriteLine(missing.Message);
/// }
/// </code></example>
public sealed class KvmUnavailableException : Exception
{
    /// <summary>Names what is missing.</summary>
    /// <param name="message">What is missing, in one line.</param>
    /// <param name="inner">What said so first, if anything.</param>
    public KvmUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
