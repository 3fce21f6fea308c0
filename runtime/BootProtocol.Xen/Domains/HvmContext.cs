using BootProtocol.Domains;

namespace BootProtocol.Xen.Domains;

/// <summary>The state in which a PVH domain starts, as records for Xen.</summary>
/// <remarks>Source: Xen's docs/misc/pvh.pandoc for the state, tools/libs/guest/xg_dom_x86.c for the records and their order.</remarks>
internal static class HvmContext
{
    private const int DescriptorSize = 8;
    private const ulong WriteBack = 6;
    private const uint WholeRange = uint.MaxValue;
    private const uint TaskLimit = 0x67;
    private const uint Code = 11, Data = 3, BusyTask = 11;

    /// <summary>What dr6 and dr7 hold after a reset.</summary>
    private const ulong DebugStatus = 0xffff0ff0, DebugControl = 0x400;

    /// <summary>Sets memory types and registers. The registers come last: each call takes all virtual CPUs down.</summary>
    /// <param name="domain">The domain, with its virtual CPUs.</param>
    /// <param name="vcpus">How many they are.</param>
    /// <param name="cpu">The state of the first one.</param>
    /// <exception cref="XenException">Xen refused, or gave no state of its own.</exception>
    public static void Write(XenDomain domain, uint vcpus, CpuState cpu)
    {
        byte[] whole = HvmCalls.ReadContext(domain);

        // The header has what Xen says of the processor: it is taken over.
        ReadOnlySpan<byte> header = Find(whole, HvmSaveCode.Header, HvmSaveHeader.Layout.Size);
        byte[] types = Find(whole, HvmSaveCode.Mtrr, HvmHwMtrr.Layout.Size).ToArray();
        HvmHwMtrr.Edit(types).Default = HvmMtrrDefault.Enabled.WithKind((byte)WriteBack);
        for (uint i = 0; i < vcpus; i++)
            HvmCalls.WriteContext(domain, Records(header, HvmSaveCode.Mtrr, i, types));
        HvmCalls.WriteContext(domain, Records(header, HvmSaveCode.Cpu, 0, Registers(cpu)));
    }

    private static byte[] Registers(CpuState cpu)
    {
        byte[] bytes = new byte[HvmHwCpu.Layout.Size];
        HvmHwCpu.Writer state = HvmHwCpu.Create(bytes);
        state.Rip = cpu.InstructionPointer.Value;
        state.Rbx = cpu.Rbx;
        state.Cr0 = cpu.Cr0;
        state.Dr6 = DebugStatus;
        state.Dr7 = DebugControl;
        HvmSegmentAttributes flat = HvmSegmentAttributes.CodeOrData | HvmSegmentAttributes.Present | HvmSegmentAttributes.Big
            | HvmSegmentAttributes.PageGranular;
        HvmSegmentAttributes data = flat.WithKind((byte)Data);
        state.CsLimit = state.DsLimit = state.EsLimit = state.SsLimit = WholeRange;
        state.CsAttributes = flat.WithKind((byte)Code);
        state.DsAttributes = state.EsAttributes = state.SsAttributes = data;
        state.TrLimit = TaskLimit;
        state.TrAttributes = HvmSegmentAttributes.Present.WithKind((byte)BusyTask);
        return bytes;
    }

    /// <summary>A header, a record and an end.</summary>
    private static byte[] Records(ReadOnlySpan<byte> header, HvmSaveCode kind, uint instance, ReadOnlySpan<byte> record)
    {
        byte[] records = new byte[(3 * DescriptorSize) + header.Length + record.Length];
        Span<byte> rest = Add(records, HvmSaveCode.Header, 0, header);
        rest = Add(rest, kind, instance, record);
        Add(rest, HvmSaveCode.End, 0, []);
        return records;
    }

    private static Span<byte> Add(Span<byte> room, HvmSaveCode kind, uint instance, ReadOnlySpan<byte> record)
    {
        HvmSaveDescriptor.Writer descriptor = HvmSaveDescriptor.Create(room[..DescriptorSize]);
        descriptor.Kind = kind;
        descriptor.Instance = (ushort)instance;
        descriptor.Length = (uint)record.Length;
        record.CopyTo(room[DescriptorSize..]);
        return room[(DescriptorSize + record.Length)..];
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> records, HvmSaveCode kind, int size)
    {
        try
        {
            foreach (HvmSaveRecord record in HvmSaveContext.Parse(records).Records)
            {
                if (record.Kind == kind && record.Length == size)
                    return record.Body.AsSpan();
            }
        }
        catch (BootFormatException broken)
        {
            throw new XenException("read the domain's state", XenError.None, broken.Message, broken);
        }

        throw new XenException("read the domain's state", XenError.NotFound, $"Xen gave no record {kind} of {size} bytes");
    }
}
