using System.Collections.Immutable;

namespace BootProtocol.Elf;

/// <summary>An ELF file: its headers, segments, sections, symbols and notes, read where they are when they are asked for.</summary>
/// <remarks>
/// Opening reads the header, so that a kernel that is decoded on the way need not be decoded further. Sections, symbols and the end of
/// the file stand at the end of it and decode it whole. What is wrong with a table of headers is thrown where what is missing there is used
/// (<see cref="SegmentList.Faults"/>, <see cref="SectionList.Faults"/>). Nonsense in the file ends with
/// <see cref="BootFormatException"/>, and nothing else. Only little-endian files are read: boot protocols of x86 have no others.
/// </remarks>
/// <example><code>
/// byte[] file = kernel.DecodeAll().ToArray();
/// ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(file));
/// foreach (Segment segment in elf.LoadSegments)
///     Console.WriteLine($"{segment.PhysicalAddress}: {elf.Read(segment).Length} bytes");
/// </code></example>
public sealed class ElfFile
{
    /// <summary>The most segments that can be loaded; kernels have a handful.</summary>
    public const int MaximumLoadSegments = 65_536;

    private ElfFileKind? _kind;
    private SectionList? _sections;
    private ImmutableArray<Segment> _loadSegments;
    private long? _endOfFile;
    private SymbolTable? _symbols;
    private NoteTable? _notes;

    private ElfFile(KernelBytes bytes, WordSize word, Limits limits)
    {
        Bytes = bytes;
        Word = word;
        Limits = limits;
        ElfTable programs = new ElfTableReader(bytes, word, Header).ReadPrograms(out ParseError fault);
        Segments = new SegmentList(bytes, word, programs, fault);
    }

    /// <summary>The bytes that the file is part of; more may follow behind <see cref="EndOfFile"/>.</summary>
    public KernelBytes Bytes { get; }

    /// <summary>The word size.</summary>
    public WordSize Word { get; }

    /// <summary>How much the file may ask for.</summary>
    public Limits Limits { get; }

    /// <summary>The header.</summary>
    public ElfHeader Header => ElfHeader.Parse(Bytes.Read(0, ViewAccess.SizeOf<ElfHeader>(Word)), Word);

    /// <summary>What the file is for.</summary>
    public ElfFileKind Kind => _kind ??= ElfFileKinds.Of(this);

    /// <summary>The segments in the order of their program headers.</summary>
    public SegmentList Segments { get; }

    /// <summary>The segments that go into memory, in the order of their physical addresses.</summary>
    /// <exception cref="BootFormatException">
    /// One of them or a program header lies outside of the file, or there are more than <see cref="MaximumLoadSegments"/>.
    /// </exception>
    public ImmutableArray<Segment> LoadSegments => _loadSegments.IsDefault ? _loadSegments = SortLoadSegments() : _loadSegments;

    /// <summary>The sections whose headers are in the file.</summary>
    /// <exception cref="BootFormatException">They cannot be decoded.</exception>
    public SectionList Sections => _sections ??= ReadSections();

    /// <summary>The symbols: those of the symbol table, else those for dynamic linking; null if there are none.</summary>
    /// <exception cref="BootFormatException">The symbol table or its section of names is broken.</exception>
    public SymbolTable? Symbols => _symbols ??= ReadSymbols();

    /// <summary>The notes.</summary>
    public NoteTable Notes => _notes ??= new NoteTable(this);

    /// <summary>
    /// Where the file exactly ends: behind header tables, segments and sections, whichever is last. What a kernel's build appends, such
    /// as relocations, starts there.
    /// </summary>
    /// <exception cref="BootFormatException">A table of headers, a segment or a section lies outside of the file.</exception>
    public long EndOfFile => _endOfFile ??=
        Math.Max(Math.Max(Segments.FileEnd, Sections.FileEnd), ViewAccess.SizeOf<ElfHeader>(Word));

    /// <summary>Opens a file.</summary>
    /// <param name="bytes">The file, from its first byte.</param>
    /// <param name="limits">How much it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <exception cref="BootFormatException">
    /// It is no ELF file, not little-endian, or cut off in its header.
    /// </exception>
    public static ElfFile Open(KernelBytes bytes, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        WordSize word = ElfHeaderReader.WordOf(bytes.Read(0, Math.Min(bytes.Length, ElfIdent.Layout.Size)));
        int size = ViewAccess.SizeOf<ElfHeader>(word);
        if (!ElfHeader.TryParse(bytes.Read(0, Math.Min(bytes.Length, size)), word, out _, out ParseError error))
            throw error.ToException();
        return new ElfFile(bytes, word, limits ?? Limits.Default);
    }

    /// <summary>The bytes of a segment in the file, without the zeroes that follow in memory.</summary>
    /// <param name="segment">One of <see cref="Segments"/>.</param>
    /// <exception cref="BootFormatException">They lie outside of the file, or cannot be decoded.</exception>
    public ReadOnlySpan<byte> Read(Segment segment)
    {
        Segments.Require(segment);
        return segment.FileSize == 0 ? default : Bytes.Read((long)segment.FileOffset, (long)segment.FileSize);
    }

    private SectionList ReadSections()
    {
        var tables = new ElfTableReader(Bytes, Word, Header);
        ElfTable sections = tables.ReadSections(out ParseError fault);
        return new SectionList(Bytes, Word, sections, fault, tables.ReadNamesIndex(), Limits);
    }

    private SymbolTable? ReadSymbols()
    {
        Section? found = null;
        foreach (Section section in Sections)
        {
            if (section.Type == SectionType.SymbolTable)
            {
                found = section;
                break;
            }

            if (section.Type == SectionType.DynamicSymbols)
                found ??= section;
        }

        return found is { } table ? new SymbolTable(Bytes, Word, Sections, table, Limits) : null;
    }

    private ImmutableArray<Segment> SortLoadSegments()
    {
        Segments.RequireTable();
        var segments = new List<Segment>();
        foreach (Segment segment in Segments)
        {
            if (segment.Type == SegmentType.Load)
                Segments.Require(segment);
            if (!segment.IsLoadable)
                continue;
            if (segments.Count == MaximumLoadSegments)
            {
                int at = Word == WordSize.Bits32
                    ? ElfHeader.Layout.Offset32.ProgramHeaderCount
                    : ElfHeader.Layout.Offset64.ProgramHeaderCount;
                string expected = ElfFaults.Text($"at most {MaximumLoadSegments} segments to load");
                throw ElfFaults.Number("elf_ehdr", "e_phnum", at, expected, (ulong)Segments.Count);
            }

            segments.Add(segment);
        }

        return [.. segments.OrderBy(static segment => segment.PhysicalAddress)];
    }
}
