namespace BootProtocol.Saved;

/// <summary>A virtual CPU of a saved PV domain.</summary>
/// <example><code>
/// var processor = new SavedProcessor(0) { Context = pv.VcpuContext };
/// VcpuGuestContext state = VcpuGuestContext.Parse(processor.Context.Span, WordSize.Bits64);
/// Console.WriteLine($"vcpu {processor.Id}: rip {state.UserRegs.Rip:x}, {processor.XsaveLength} bytes of extended registers");
/// </code></example>
/// <param name="Id">Its number.</param>
public sealed record SavedProcessor(uint Id)
{
    /// <summary>Its vcpu_guest_context, of the domain's word size; empty if the file has none.</summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>Bytes of what Xen keeps of it besides: xen_domctl_ext_vcpucontext.</summary>
    public int ExtendedLength { get; init; }

    /// <summary>Bytes of its extended registers, as XSAVE stores them.</summary>
    public int XsaveLength { get; init; }

    /// <summary>Bytes of its model-specific registers.</summary>
    public int RegistersLength { get; init; }
}
