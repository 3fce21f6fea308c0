using System.Buffers.Binary;
using BootProtocol.X86;
using BootProtocol.Xen;

namespace BootProtocol.Stubs;

/// <summary>The segments, gates and the task state of a hypervisor stub, and what loads them.</summary>
internal static class HypervisorDescriptors
{
    /// <summary>The vector of a 32-bit hypercall.</summary>
    public const byte HypercallVector = 0x82;

    /// <summary>The last page below the hypervisor's part of the address space.</summary>
    private const uint DomainLimit32 = (HypervisorLayout.Start32 >> 12) - 1;

    /// <summary>Writes all but the gates.</summary>
    public static void Write(Span<byte> stub, HypervisorLayout layout)
    {
        WriteSegments(stub, layout);
        WriteTaskState(stub[HypervisorLayout.TaskState..], layout);
        const ushort Limit = HypervisorLayout.DescriptorsEnd - HypervisorLayout.Descriptors - 1;
        int gateSize = layout.IsWide ? GateDescriptor64.Layout.Size : sizeof(ulong);
        ulong descriptors = layout.Virtual(HypervisorLayout.Descriptors);
        WriteRegister(
            stub[HypervisorLayout.BootDescriptorRegister..], WordSize.Bits32, layout.Physical(HypervisorLayout.Descriptors), Limit);
        WriteRegister(stub[HypervisorLayout.DescriptorRegister..], layout.Options.Word, descriptors, Limit);
        WriteRegister(
            stub[HypervisorLayout.GateRegister..],
            layout.Options.Word,
            layout.Virtual(HypervisorLayout.Gates),
            (ushort)((HypervisorLayout.Vectors * gateSize) - 1));
    }

    /// <summary>Writes a gate to ring 0.</summary>
    /// <param name="stub">The stub.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="vector">The vector.</param>
    /// <param name="ring">The least privileged ring that may use it by software.</param>
    /// <param name="handler">The virtual address of the handler.</param>
    public static void WriteGate(Span<byte> stub, HypervisorLayout layout, int vector, byte ring, ulong handler)
    {
        GateDescriptor low = default(GateDescriptor)
            .WithOffsetLow((ushort)handler)
            .WithOffsetHigh((ushort)(handler >> 16))
            .WithSelector(HypervisorLayout.CodeSelector)
            .WithKind(SystemSegmentType.InterruptGate)
            .WithRing(ring)
            | GateDescriptor.Present;
        Span<byte> gates = stub[HypervisorLayout.Gates..];
        if (!layout.IsWide)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(gates[(vector * sizeof(ulong))..], (ulong)low);
            return;
        }

        GateDescriptor64.Writer gate = GateDescriptor64.Create(gates[(vector * GateDescriptor64.Layout.Size)..]);
        gate.Low = low;
        gate.OffsetUpper = (uint)(handler >> 32);
    }

    /// <summary>The flat segments with Xen's selectors; those of a 32-bit domain end where the hypervisor begins.</summary>
    private static void WriteSegments(Span<byte> stub, HypervisorLayout layout)
    {
        const SegmentType Code = SegmentType.CodeExecuteReadAccessed;
        const SegmentType Data = SegmentType.DataReadWriteAccessed;
        const SegmentDescriptor Narrow = SegmentDescriptor.Default32;
        Span<byte> table = stub[HypervisorLayout.Descriptors..];
        SegmentDescriptor word = layout.IsWide ? SegmentDescriptor.LongMode : Narrow;
        Put(table, HypervisorLayout.CodeSelector, FlatSegment.Of(Code, word));
        Put(table, HypervisorLayout.DataSelector, FlatSegment.Of(Data, Narrow));
        if (layout.IsWide)
        {
            Put(table, (ushort)FlatSelector64.Ring3Code32, FlatSegment.Of(Code, Narrow, 3));
            Put(table, (ushort)FlatSelector64.Ring3Stack64, FlatSegment.Of(Data, Narrow, 3));
            Put(table, (ushort)FlatSelector64.Ring3Code64, FlatSegment.Of(Code, SegmentDescriptor.LongMode, 3));
        }
        else
        {
            Put(table, (ushort)FlatSelector32.Ring1Code, FlatSegment.Of(Code, Narrow, 1, DomainLimit32));
            Put(table, (ushort)FlatSelector32.Ring1Data, FlatSegment.Of(Data, Narrow, 1, DomainLimit32));
            Put(table, (ushort)FlatSelector32.Ring3Code, FlatSegment.Of(Code, Narrow, 3, DomainLimit32));
            Put(table, (ushort)FlatSelector32.Ring3Data, FlatSegment.Of(Data, Narrow, 3, DomainLimit32));
        }

        ulong place = layout.Virtual(HypervisorLayout.TaskState);
        SystemDescriptor task = default(SystemDescriptor)
            .WithLimitLow((ushort)(Tss64.Layout.Size - 1))
            .WithBaseLow((uint)place & 0xffffff)
            .WithBaseHigh((byte)(place >> 24))
            .WithKind(SystemSegmentType.TssAvailable)
            | SystemDescriptor.Present;
        BinaryPrimitives.WriteUInt64LittleEndian(table[HypervisorLayout.TaskSelector..], (ulong)task);
        BinaryPrimitives.WriteUInt64LittleEndian(table[(HypervisorLayout.TaskSelector + sizeof(ulong))..], place >> 32);
    }

    private static void Put(Span<byte> table, ushort selector, SegmentDescriptor segment)
    {
        int offset = selector / sizeof(ulong) * sizeof(ulong); // the lowest bits are the ring of the one who asks
        BinaryPrimitives.WriteUInt64LittleEndian(table[offset..], (ulong)segment);
    }

    /// <summary>The stack of ring 0. An I/O bitmap beyond the end is none: IOPL alone decides.</summary>
    private static void WriteTaskState(Span<byte> place, HypervisorLayout layout)
    {
        ulong stack = layout.Virtual(HypervisorLayout.StackTop);
        if (layout.IsWide)
        {
            Tss64.Writer wide = Tss64.Create(place);
            wide.Rsp0 = new Vaddr(stack);
            wide.IoBitmapBase = (ushort)Tss64.Layout.Size;
            return;
        }

        Tss32.Writer narrow = Tss32.Create(place);
        narrow.Esp0 = (uint)stack;
        narrow.Ss0 = HypervisorLayout.DataSelector;
        narrow.IoBitmapBase = (ushort)Tss32.Layout.Size;
    }

    private static void WriteRegister(Span<byte> place, WordSize word, ulong address, ushort limit)
    {
        Gdtr.Writer register = Gdtr.Create(place, word);
        register.Limit = limit;
        register.Base = new Vaddr(address);
    }
}
