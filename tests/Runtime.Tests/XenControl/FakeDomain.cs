using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>A domain of a pretended Xen.</summary>
internal sealed class FakeDomain
{
    public required ushort Id { get; init; }

    /// <summary>A number that no other one has had.</summary>
    public ulong UniqueId { get; init; }

    public byte[] Handle { get; set; } = new byte[16];

    public uint MaxVCpus { get; init; }

    public bool HasVCpus { get; set; }

    public uint Bits { get; set; } = 64;

    public ulong MaxKibibytes { get; set; }

    /// <summary>Ranges of 20 bytes each: address, size, kind.</summary>
    public byte[] MemoryMap { get; set; } = [];

    /// <summary>Machine frames by the domain's own.</summary>
    public SortedDictionary<ulong, Mfn> Frames { get; } = [];

    public required Mfn SharedInfo { get; init; }

    /// <summary>Whether others map its frames by its own numbers.</summary>
    public bool IsHvm { get; init; }

    /// <summary>Parameters of an HVM domain, by their numbers.</summary>
    public SortedDictionary<uint, ulong> Parameters { get; } = [];

    /// <summary>Bytes for its page tables.</summary>
    public ulong PagingPool { get; set; }

    /// <summary>What its state was set by, in order: kind, instance, bytes.</summary>
    public List<(ushort Kind, ushort Instance, byte[] Bytes)> Records { get; } = [];

    public byte[] Grants { get; } = new byte[4096];

    public List<uint> Ports { get; } = [];

    public (PageTableOperation Kind, Mfn Table)? Pinned { get; set; }

    public Mfn? HypercallPage { get; set; }

    public byte[]? Context { get; set; }

    public int Pauses { get; set; } = 1;

    /// <summary>Why its guest has shut down; null while it has not.</summary>
    public ShutdownReason? Reason { get; set; }

    /// <summary>How often it still answers that it has to be destroyed again.</summary>
    public int Restarts { get; set; } = 2;

    /// <summary>Writes xen_domctl_get_domain_state; the padding has to be 0.</summary>
    public long TellExistence(Span<byte> answer)
    {
        if (BitConverter.ToUInt32(answer[4..]) != 0)
            return -(long)XenError.Invalid;
        BitConverter.TryWriteBytes(answer, (ushort)(Reason is null ? 1 : 3));
        BitConverter.TryWriteBytes(answer[8..], UniqueId);
        return 0;
    }

    /// <summary>The machine frame that others mean by a number.</summary>
    public bool MachineFrame(Mfn frame, out Mfn machine)
    {
        machine = frame;
        return IsHvm ? Frames.TryGetValue(frame.Value, out machine) : Frames.ContainsValue(frame) || SharedInfo == frame;
    }
}
