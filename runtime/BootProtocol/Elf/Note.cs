using System.Text;

namespace BootProtocol.Elf;

/// <summary>A note, read where it stands.</summary>
/// <example><code>
/// foreach (Note note in kernel.Notes.InSegments)
///     Console.WriteLine($"{note.Owner} {note.Type}: {note.DescriptorSize} bytes at 0x{note.DescriptorOffset:x}");
/// </code></example>
public readonly struct Note
{
    private readonly KernelBytes _bytes;
    private readonly int _nameSize;

    internal Note(KernelBytes bytes, NotePlace place, long offset, NoteHeader header, long descriptorOffset, int descriptorSize)
    {
        _bytes = bytes;
        _nameSize = (int)header.NameSize;
        Place = place;
        Offset = offset;
        Type = header.Type;
        DeclaredSize = header.DescriptorSize;
        DescriptorOffset = descriptorOffset;
        DescriptorSize = descriptorSize;
    }

    /// <summary>What leads to the note.</summary>
    public NotePlace Place { get; }

    /// <summary>The file offset of its header, in bytes.</summary>
    public long Offset { get; }

    /// <summary>The kind of note, by the owner's own numbers.</summary>
    public uint Type { get; }

    /// <summary>The bytes of the descriptor by the note's own header.</summary>
    public uint DeclaredSize { get; }

    /// <summary>The file offset of the descriptor, in bytes.</summary>
    public long DescriptorOffset { get; }

    /// <summary>The bytes of the descriptor that are there.</summary>
    public int DescriptorSize { get; }

    /// <summary>Whether the notes end before the descriptor does by its own size, as in GRUB's 32-bit guest for Xen.</summary>
    public bool IsClipped => (uint)DescriptorSize < DeclaredSize;

    /// <summary>The owner's name, without its NUL.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    public string Owner => Encoding.UTF8.GetString(OwnerBytes);

    /// <summary>The owner's name in bytes, without its NUL.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    public ReadOnlySpan<byte> OwnerBytes =>
        _nameSize == 0 ? default : FieldText.Cut(_bytes.Read(Offset + NoteHeader.Layout.Size, _nameSize));

    /// <summary>The descriptor, without padding.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    public ReadOnlySpan<byte> Descriptor => DescriptorSize == 0 ? default : _bytes.Read(DescriptorOffset, DescriptorSize);
}
