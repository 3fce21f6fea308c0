using BootProtocol.Kvm;
using BootProtocol.Kvm.Devices;
using BootProtocol.Memory;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>A machine without KVM: memory, interrupt lines, and an end.</summary>
internal sealed class FakeMachine : IMachine, IDisposable
{
    public const ulong Size = 2 << 20;

    private readonly KvmMemory _memory = KvmMemory.Allocate(MemoryMap.ForPc(Size));

    public Dictionary<int, bool> Lines { get; } = [];

    public int Changes { get; private set; }

    public KvmEnd? Ended { get; private set; }

    public bool HasEnded => Ended is not null;

    public void SetInterrupt(int line, bool isHigh)
    {
        Lines[line] = isHigh;
        Changes++;
    }

    public bool TryAccess(Paddr start, int length, out Span<byte> bytes)
    {
        bytes = default;
        return length >= 0 && _memory.TryAccess(start.Value, length, out bytes);
    }

    public void End(KvmEnd end) => Ended ??= end;

    /// <summary>Bytes of the memory, which must be there.</summary>
    public Span<byte> Bytes(ulong start, int length)
    {
        Assert.True(TryAccess(new Paddr(start), length, out Span<byte> bytes));
        return bytes;
    }

    public void Dispose() => _memory.Dispose();
}
