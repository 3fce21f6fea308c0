using System.Text;

namespace BootProtocol.Elf;

/// <summary>A section: what a section header says.</summary>
/// <example><code>
/// if (kernel.Elf.Sections.TryFind(".text", out Section text))
///     Console.WriteLine($"{text.Name} at {text.Address}: {text.Size} bytes, {text.Flags}");
/// </code></example>
public readonly struct Section
{
    private readonly SectionList _list;

    internal Section(SectionList list, int index, SectionHeader header)
    {
        _list = list;
        Index = index;
        NameOffset = header.NameOffset;
        Type = header.Type;
        Flags = (SectionFlags)header.Flags;
        Address = header.Address;
        FileOffset = header.FileOffset;
        Size = header.Size;
        Link = header.Link;
        Info = header.Info;
        Alignment = header.Alignment;
        EntrySize = header.EntrySize;
    }

    /// <summary>The number of its section header, from 0.</summary>
    public int Index { get; }

    /// <summary>Where its name starts in the section of names, in bytes.</summary>
    public uint NameOffset { get; }

    /// <summary>The kind of section.</summary>
    public SectionType Type { get; }

    /// <summary>The attributes.</summary>
    public SectionFlags Flags { get; }

    /// <summary>The virtual address; 0 if the section is not loaded.</summary>
    public Vaddr Address { get; }

    /// <summary>Where its bytes start in the file, in bytes.</summary>
    public ulong FileOffset { get; }

    /// <summary>Its bytes; of a section of kind <see cref="SectionType.NoBits"/> in memory only.</summary>
    public ulong Size { get; }

    /// <summary>The index of a related section, by the kind of this one.</summary>
    public uint Link { get; }

    /// <summary>More information, by the kind of this section.</summary>
    public uint Info { get; }

    /// <summary>The alignment in bytes; 0 or 1 for none.</summary>
    public ulong Alignment { get; }

    /// <summary>The bytes of an entry, where the section is a table; else 0.</summary>
    public ulong EntrySize { get; }

    /// <summary>Whether the section takes room in the file.</summary>
    public bool HasBytes => Type is not (SectionType.Null or SectionType.NoBits) && Size != 0;

    /// <summary>The name; empty if the file has no section of names, or a broken one (<see cref="SectionList.Faults"/>).</summary>
    /// <exception cref="BootFormatException">It lies outside of the section of names, or is longer than the limits allow.</exception>
    public string Name => Encoding.UTF8.GetString(_list.NameOf(this));

    /// <summary>The bytes in the file; empty for a section that has none there.</summary>
    /// <exception cref="BootFormatException">They lie outside of the file, or cannot be decoded.</exception>
    public ReadOnlySpan<byte> Bytes => _list.BytesOf(this);
}
