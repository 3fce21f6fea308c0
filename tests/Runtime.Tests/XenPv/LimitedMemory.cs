using BootProtocol.Memory;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>Guest memory that ends where the guest's does, as that of a domain under a hypervisor; it notes what was claimed.</summary>
internal sealed class LimitedMemory(ulong size) : GuestMemory
{
    /// <summary>Bytes that were claimed.</summary>
    public long Claimed { get; private set; }

    protected override bool Has(Paddr start, long length) => start.Value <= size && (ulong)length <= size - start.Value;

    protected override Memory<byte> Provide(Paddr start, int length)
    {
        Claimed += length;
        return new byte[length];
    }

    protected override void GiveUp(Paddr start, Memory<byte> memory) => Claimed -= memory.Length;

    protected override void Dispose(bool disposing)
    {
    }
}
