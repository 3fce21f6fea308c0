using System.Collections;
using System.Text;

namespace BootProtocol.Elf;

/// <summary>The sections of an ELF file in the order of their headers, each read where it stands.</summary>
public sealed class SectionList : IReadOnlyList<Section>
{
    private const string Structure = "elf_shdr";

    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ElfTable _table;
    private readonly ElfStrings _names;

    internal SectionList(KernelBytes bytes, WordSize word, ElfTable table, uint namesIndex, Limits limits)
    {
        _bytes = bytes;
        _word = word;
        _table = table;
        foreach (Section section in this)
            Check(section);
        if (Count != 0 && namesIndex != 0)
            _names = FindNames(namesIndex, limits);
    }

    /// <summary>The number of sections; 0 if the file has no section headers.</summary>
    public int Count => _table.Count;

    /// <summary>The section of a section header.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such section header.</exception>
    public Section this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                ViewFaults.ThrowIndex(index, Count);
            ReadOnlySpan<byte> bytes = _bytes.Read(_table.At(index), ViewAccess.SizeOf<SectionHeader>(_word));
            return new Section(this, index, ViewAccess.View<SectionHeader>(bytes, _word));
        }
    }

    /// <summary>The file offset behind the section headers and the bytes of every section; 0 if there are none.</summary>
    internal long FileEnd
    {
        get
        {
            long end = _table.End;
            foreach (Section section in this)
            {
                if (section.HasBytes)
                    end = Math.Max(end, (long)(section.FileOffset + section.Size));
            }

            return end;
        }
    }

    /// <summary>Finds a section by its name; of several the first.</summary>
    /// <param name="name">The name, such as <c>.text</c>.</param>
    /// <param name="section">The section; not to be used if there is none.</param>
    public bool TryFind(string name, out Section section)
    {
        ArgumentNullException.ThrowIfNull(name);
        byte[] text = Encoding.UTF8.GetBytes(name);
        foreach (Section candidate in this)
        {
            if (_names.Matches(candidate.NameOffset, text))
            {
                section = candidate;
                return true;
            }
        }

        section = default;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<Section> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ReadOnlySpan<byte> NameOf(Section section) => _names.Read(
        section.NameOffset,
        Structure,
        "sh_name",
        At(section.Index, SectionHeader.Layout.Offset32.NameOffset, SectionHeader.Layout.Offset64.NameOffset));

    internal ReadOnlySpan<byte> BytesOf(Section section) =>
        section.HasBytes ? _bytes.Read((long)section.FileOffset, (long)section.Size) : default;

    /// <summary>Makes the table of texts that a section links to.</summary>
    /// <exception cref="BootFormatException">There is no such section, or it holds no texts.</exception>
    internal ElfStrings LinkedStrings(Section section, Limits limits) => Strings(
        section.Link,
        Structure,
        "sh_link",
        At(section.Index, SectionHeader.Layout.Offset32.Link, SectionHeader.Layout.Offset64.Link),
        limits);

    /// <summary>The file offset of a field of a section header.</summary>
    internal long At(int index, int narrow, int wide) => _table.At(index) + (_word == WordSize.Bits32 ? narrow : wide);

    private ElfStrings FindNames(uint index, Limits limits) => Strings(
        index,
        "elf_ehdr",
        "e_shstrndx",
        _word == WordSize.Bits32 ? ElfHeader.Layout.Offset32.SectionNamesIndex : ElfHeader.Layout.Offset64.SectionNamesIndex,
        limits);

    private ElfStrings Strings(uint index, string structure, string field, long at, Limits limits)
    {
        if (index >= (uint)Count)
            throw ElfFaults.Number(structure, field, at, ElfFaults.Text($"the index of one of {Count} sections"), index);
        Section section = this[(int)index];
        if (section.Type != SectionType.StringTable)
        {
            string found = ElfFaults.Text($"section {index} of type 0x{(uint)section.Type:x}");
            throw new BootFormatException(structure, field, at, "the index of a section of texts (SHT_STRTAB)", found);
        }

        return new ElfStrings(_bytes, (long)section.FileOffset, (long)section.Size, limits.MaximumStringLength);
    }

    private void Check(Section section)
    {
        if (!section.HasBytes || (UInt128)section.FileOffset + section.Size <= (UInt128)_bytes.Length)
            return;
        long at = At(section.Index, SectionHeader.Layout.Offset32.FileOffset, SectionHeader.Layout.Offset64.FileOffset);
        throw ElfFaults.Outside(Structure, "sh_offset", at, section.FileOffset, section.Size, _bytes.Length);
    }
}
