using System.Collections;
using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Elf;

/// <summary>The sections of an ELF file in the order of their headers, each read where it stands.</summary>
/// <remarks>
/// Nothing that is started needs sections, so a list can always be had: what is wrong with it stands in <see cref="Faults"/>, and is
/// thrown where what is missing is used.
/// </remarks>
/// <example><code>
/// SectionList sections = kernel.Elf.Sections;
/// foreach (Section section in sections)
///     Console.WriteLine($"{section.Index}/{sections.Count} {section.Name}");
/// </code></example>
public sealed class SectionList : IReadOnlyList<Section>
{
    private const string Structure = "elf_shdr";

    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ElfTable _table;
    private readonly ElfStrings _names;
    private readonly ParseError _tableFault;
    private readonly ParseError _namesFault;
    private ImmutableArray<ParseError> _faults;

    internal SectionList(KernelBytes bytes, WordSize word, ElfTable table, ParseError tableFault, uint namesIndex, Limits limits)
    {
        _bytes = bytes;
        _word = word;
        _table = table;
        _tableFault = tableFault;
        if (Count == 0 || namesIndex == 0)
            return;
        try
        {
            _names = FindNames(namesIndex, limits);
        }
        catch (BootFormatException exception)
        {
            _namesFault = exception.Error;
        }
    }

    /// <summary>The number of sections whose headers are in the file.</summary>
    public int Count => _table.Count;

    /// <summary>
    /// What is wrong with the table of section headers, with their names or with their places, the first 16 of it; empty if nothing is.
    /// </summary>
    public ImmutableArray<ParseError> Faults
    {
        get
        {
            if (_faults.IsDefault)
                _faults = ElfFaults.List(_tableFault, this.Select(section => FaultOf(section)).Prepend(_namesFault));
            return _faults;
        }
    }

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
    /// <exception cref="BootFormatException">A section or the table does not lie inside the file.</exception>
    internal long FileEnd
    {
        get
        {
            if (_tableFault.IsError)
                throw _tableFault.ToException();
            long end = _table.End;
            foreach (Section section in this)
            {
                Require(section);
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

    internal ReadOnlySpan<byte> BytesOf(Section section)
    {
        Require(section);
        return section.HasBytes ? _bytes.Read((long)section.FileOffset, (long)section.Size) : default;
    }

    /// <summary>Whether the bytes of a section lie inside the file.</summary>
    internal bool IsInFile(Section section) =>
        !section.HasBytes || (UInt128)section.FileOffset + section.Size <= (UInt128)_bytes.Length;

    /// <summary>Checks that the bytes of a section lie inside the file.</summary>
    /// <exception cref="BootFormatException">They do not.</exception>
    internal void Require(Section section)
    {
        if (FaultOf(section) is { IsError: true } fault)
            throw fault.ToException();
    }

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
            throw new BootFormatException(BootErrorCode.BadValue, structure, field, at, "the index of a section of texts (SHT_STRTAB)", found);
        }

        Require(section);
        return new ElfStrings(_bytes, (long)section.FileOffset, (long)section.Size, limits.MaximumStringLength);
    }

    private ParseError FaultOf(Section section)
    {
        if (IsInFile(section))
            return default;
        long at = At(section.Index, SectionHeader.Layout.Offset32.FileOffset, SectionHeader.Layout.Offset64.FileOffset);
        return ElfFaults.Outside(Structure, "sh_offset", at, section.FileOffset, section.Size, _bytes.Length).Error;
    }
}
