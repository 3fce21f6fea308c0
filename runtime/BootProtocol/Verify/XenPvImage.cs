using BootProtocol.Memory;

namespace BootProtocol.Verify;

/// <summary>A built PV domain as a hypervisor would be handed it, whoever built it.</summary>
public sealed class XenPvImage
{
    /// <summary>The word size of its kernel.</summary>
    public required WordSize Word { get; init; }

    /// <summary>Its memory by pseudo-physical address.</summary>
    public required GuestMemory Memory { get; init; }

    /// <summary>The number of frames that the domain has.</summary>
    public required ulong FrameCount { get; init; }

    /// <summary>The machine frames behind them.</summary>
    public required IMachineFrames Frames { get; init; }

    /// <summary>The context of its first virtual CPU: a vcpu_guest_context of its word size.</summary>
    public required ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>The page that it shares with the hypervisor; 4096 bytes.</summary>
    public required ReadOnlyMemory<byte> SharedInfo { get; init; }
}
