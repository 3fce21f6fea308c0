using System.Buffers.Binary;
using System.Text;
using BootProtocol.Elf;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Makes regions of notes.</summary>
internal sealed class TestNotes
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    /// <summary>Adds a note whose name and descriptor are padded to an alignment.</summary>
    public TestNotes Add(string owner, uint type, ReadOnlySpan<byte> descriptor, int alignment = 4)
    {
        byte[] name = Encoding.UTF8.GetBytes(owner + '\0');
        Add((uint)name.Length, (uint)descriptor.Length, type);
        _bytes.AddRange(name);
        Pad(alignment);
        _bytes.AddRange(descriptor);
        return Pad(alignment);
    }

    public TestNotes Add(string owner, uint type, string text) => Add(owner, type, Encoding.UTF8.GetBytes(text + '\0'));

    public TestNotes Add(string owner, uint type, uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return Add(owner, type, bytes);
    }

    public TestNotes Add(string owner, uint type, ulong number)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return Add(owner, type, bytes);
    }

    /// <summary>Adds a header alone, with sizes of any kind.</summary>
    public TestNotes Add(uint nameSize, uint descriptorSize, uint type)
    {
        byte[] bytes = new byte[NoteHeader.Layout.Size];
        NoteHeader.Writer header = NoteHeader.Create(bytes);
        header.NameSize = nameSize;
        header.DescriptorSize = descriptorSize;
        header.Type = type;
        _bytes.AddRange(bytes);
        return this;
    }

    public TestNotes Add(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public TestNotes Pad(int alignment)
    {
        while (_bytes.Count % alignment != 0)
            _bytes.Add(0);
        return this;
    }

    public TestSegment Segment(ulong alignment = 4) => new(SegmentType.Note, Bytes) { Alignment = alignment };

    public TestSection Section(ulong alignment = 4) => new(".notes", SectionType.Note, Bytes) { Alignment = alignment };
}
