using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>A setup_data list: the nodes one behind the other, and behind these what they point at.</summary>
internal sealed class SetupDataList
{
    private const int NodeAlignment = 8;
    private const int AttachmentAlignment = 16;
    private readonly ImmutableArray<SetupDataNode> _nodes;

    /// <summary>Checks the nodes against what the kernel takes.</summary>
    /// <param name="nodes">The caller's nodes.</param>
    /// <param name="more">Ranges of the memory map for which the zero page has no room.</param>
    /// <param name="header">The kernel's header.</param>
    /// <exception cref="BootException">It takes no such list, or a type of node is beyond the highest that it takes.</exception>
    public SetupDataList(ImmutableArray<SetupDataNode> nodes, ReadOnlySpan<MemoryRange> more, LinuxHeader header)
    {
        nodes = [.. nodes.Where(node => !node.IsOptional || IsKnown(node, header))];
        _nodes = more.IsEmpty ? nodes : nodes.Insert(0, MapNode(more));
        if (_nodes.IsEmpty)
            return;
        if (header.Fields.SetupData is null)
        {
            string what = more.IsEmpty ? "setup_data" : $"more than {E820Writer.MaximumInPage} ranges of memory";
            throw LinuxHeader.Fault(
                "setup_data", SetupHeader.Layout.Offset.SetupData, $"protocol 2.09 or later for {what}", $"{header.Fields.Version}");
        }

        foreach (SetupDataNode node in _nodes)
            Check(node, header.SetupTypeMax);
    }

    /// <summary>Whether there is no node.</summary>
    public bool IsEmpty => _nodes.IsEmpty;

    /// <summary>Bytes of the list with everything that belongs to it.</summary>
    public long Size
    {
        get
        {
            long size = 0;
            foreach (SetupDataNode node in _nodes)
                size = NodeEnd(node, size);
            foreach (SetupDataAttachment attachment in _nodes.SelectMany(static node => node.Attachments))
                size = Align(size, AttachmentAlignment) + attachment.Bytes.Length;
            return size;
        }
    }

    /// <summary>The types of the nodes, for people.</summary>
    public string Types => string.Join(", ", _nodes.Select(static node => TypeName(node.Type)));

    /// <summary>Writes the list.</summary>
    /// <param name="place">Where it goes: <see cref="Size"/> bytes, cleared.</param>
    /// <param name="address">The physical address of that place.</param>
    public void Write(Span<byte> place, Paddr address)
    {
        long attached = 0;
        foreach (SetupDataNode node in _nodes)
            attached = NodeEnd(node, attached);
        long at = 0;
        for (int i = 0; i < _nodes.Length; i++)
        {
            SetupDataNode node = _nodes[i];
            long next = NodeEnd(node, at);
            Span<byte> bytes = place[(int)at..(int)next];
            SetupData.Writer head = SetupData.Create(bytes);
            head.Next = i == _nodes.Length - 1 ? default : new Paddr(address.Value + (ulong)next);
            head.Type = node.Type;
            head.Len = (uint)node.Data.Length;
            Span<byte> data = bytes[SetupData.Layout.Size..];
            node.Data.Span.CopyTo(data);
            foreach (SetupDataAttachment attachment in node.Attachments)
            {
                attached = Align(attached, AttachmentAlignment);
                attachment.Bytes.Span.CopyTo(place[(int)attached..]);
                WritePointer(data, attachment, address.Value + (ulong)attached);
                attached += attachment.Bytes.Length;
            }

            at = next;
        }
    }

    private static SetupDataNode MapNode(ReadOnlySpan<MemoryRange> ranges)
    {
        byte[] bytes = new byte[ranges.Length * BootE820Entry.Layout.Size];
        for (int i = 0; i < ranges.Length; i++)
            E820Writer.Write(BootE820Entry.Create(bytes.AsSpan(i * BootE820Entry.Layout.Size)), ranges[i]);
        return new SetupDataNode(SetupDataType.E820Ext, bytes);
    }

    private static bool IsKnown(SetupDataNode node, LinuxHeader header) =>
        header.Fields.SetupData is not null
        && (header.SetupTypeMax is not { } maximum
            || ((node.Type != SetupDataType.Indirect || maximum.HasFlag(SetupIndirectType.Indirect))
                && (uint)node.DataType <= (uint)maximum.GetDataType()));

    private static void Check(SetupDataNode node, SetupIndirectType? highest)
    {
        foreach (SetupDataAttachment attachment in node.Attachments)
        {
            if (attachment.PointerSize is not (sizeof(uint) or sizeof(ulong)))
                throw Fault(node, "an address of 4 or 8 bytes", $"one of {attachment.PointerSize}");
            if (attachment.PointerOffset < 0 || attachment.PointerOffset > node.Data.Length - attachment.PointerSize)
                throw Fault(node, $"an address in the {node.Data.Length} bytes of data", $"one at {attachment.PointerOffset}");
        }

        bool isIndirect = node.Type == SetupDataType.Indirect;
        SetupDataType type = node.DataType;
        if (isIndirect && type is SetupDataType.None or SetupDataType.Indirect)
            throw Fault(node, "a type of the data that is neither SETUP_NONE nor SETUP_INDIRECT", TypeName(type));
        if (highest is not { } maximum)
            return;
        if (isIndirect && !maximum.HasFlag(SetupIndirectType.Indirect))
            throw Fault(node, "a type that the kernel takes (setup_type_max is without SETUP_INDIRECT)", TypeName(node.Type));
        if ((uint)type > (uint)maximum.GetDataType())
            throw Fault(node, $"at most {TypeName(maximum.GetDataType())} (setup_type_max)", TypeName(type));
    }

    private static BootRequestException Fault(SetupDataNode node, string expected, string found) =>
        new(BootErrorCode.NotAllowed, "setup_data", node.Type.ToString(), null, expected, found);

    private static string TypeName(SetupDataType type)
    {
        foreach (Specs.SpecEnumerator known in SetupDataTypeLayout.Info.Enumerators)
        {
            if (known.Value == (uint)type)
                return known.Name;
        }

        return string.Create(CultureInfo.InvariantCulture, $"type {(uint)type}");
    }

    private static void WritePointer(Span<byte> data, SetupDataAttachment attachment, ulong address)
    {
        if (attachment.PointerSize == sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(data[attachment.PointerOffset..], (uint)address);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(data[attachment.PointerOffset..], address);
    }

    private static long NodeEnd(SetupDataNode node, long start) =>
        Align(start + SetupData.Layout.Size + node.Data.Length, NodeAlignment);

    private static long Align(long value, int alignment) => (value + alignment - 1) & ~(alignment - 1L);
}
