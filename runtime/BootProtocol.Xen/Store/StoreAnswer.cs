namespace BootProtocol.Xen.Store;

/// <summary>What xenstored answered.</summary>
/// <param name="Error">The error, or none.</param>
/// <param name="Payload">What follows the head.</param>
internal readonly record struct StoreAnswer(XenError Error, byte[] Payload)
{
    /// <summary>The payload of an answer that is no error.</summary>
    /// <exception cref="XenException">It is an error.</exception>
    public byte[] Require(string step) => Error == XenError.None ? Payload : throw new XenException(step, Error);
}
