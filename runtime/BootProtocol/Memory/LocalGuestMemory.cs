using BootProtocol.Allocation;

namespace BootProtocol.Memory;

/// <summary>Guest memory in this process's own.</summary>
internal sealed class LocalGuestMemory : GuestMemory
{
    private readonly List<OwnedMemory> _blocks = [];

    protected override bool IsAddressFree => true;

    protected override bool Has(Paddr start, long length) => true;

    protected override Memory<byte> Provide(Paddr start, int length)
    {
        var block = OwnedMemory.AllocateZeroed(length);
        _blocks.Add(block);
        return block.Memory;
    }

    protected override void GiveUp(Paddr start, Memory<byte> memory)
    {
        // It goes with its block; if the range is claimed again, it gets another one.
    }

    protected override void Dispose(bool disposing)
    {
        foreach (OwnedMemory block in _blocks)
            block.Close();
        _blocks.Clear();
    }
}
