using System.Text;

namespace BootProtocol.Elf;

/// <summary>The symbols of an ELF file, each read where it stands.</summary>
/// <example><code>
/// if (kernel.Elf.Symbols.TryFind("startup_64", out SymbolEntry entry))
///     Console.WriteLine(entry.Symbol.Value);
/// </code></example>
public sealed class SymbolTable
{
    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ElfTable _table;
    private readonly ElfStrings _names;

    internal SymbolTable(KernelBytes bytes, WordSize word, SectionList sections, Section section, Limits limits)
    {
        _bytes = bytes;
        _word = word;
        Section = section;
        sections.Require(section);
        int size = ViewAccess.SizeOf<Symbol>(word);
        if (section.HasBytes && (section.EntrySize < (uint)size || section.EntrySize > int.MaxValue))
        {
            long at = sections.At(section.Index, SectionHeader.Layout.Offset32.EntrySize, SectionHeader.Layout.Offset64.EntrySize);
            throw ElfFaults.Number("elf_shdr", "sh_entsize", at, ElfFaults.Text($"{size} to {int.MaxValue} bytes"), section.EntrySize);
        }

        _table = section.HasBytes
            ? new ElfTable((long)section.FileOffset, (int)Math.Min(section.Size / section.EntrySize, int.MaxValue), (int)section.EntrySize)
            : default;
        _names = sections.LinkedStrings(section, limits);
    }

    /// <summary>The section that holds the symbols.</summary>
    public Section Section { get; }

    /// <summary>The number of symbols, the unused first one included. An incomplete one at the end does not count.</summary>
    public int Count => _table.Count;

    /// <summary>The symbol at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such symbol.</exception>
    public SymbolEntry this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                ViewFaults.ThrowIndex(index, Count);
            ReadOnlySpan<byte> bytes = _bytes.Read(_table.At(index), ViewAccess.SizeOf<Symbol>(_word));
            return new SymbolEntry(this, index, ViewAccess.View<Symbol>(bytes, _word));
        }
    }

    /// <summary>Finds a symbol by its name; of several the first. Symbols whose names are broken are passed over.</summary>
    /// <param name="name">The name, such as <c>linux_banner</c>; not empty.</param>
    /// <param name="symbol">The symbol; not to be used if there is none.</param>
    public bool TryFind(string name, out SymbolEntry symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        byte[] text = Encoding.UTF8.GetBytes(name);
        foreach (SymbolEntry candidate in this)
        {
            if (_names.Matches(candidate.Symbol.NameOffset, text))
            {
                symbol = candidate;
                return true;
            }
        }

        symbol = default;
        return false;
    }

    /// <summary>Walks through the symbols in order. Names are looked up only where they are asked for.</summary>
    public Enumerator GetEnumerator() => new(this);

    internal ReadOnlySpan<byte> NameOf(int index, uint offset)
    {
        int field = _word == WordSize.Bits32 ? Symbol.Layout.Offset32.NameOffset : Symbol.Layout.Offset64.NameOffset;
        return _names.Read(offset, "elf_sym", "st_name", _table.At(index) + field);
    }

    /// <summary>A walk through symbols.</summary>
    public struct Enumerator
    {
        private readonly SymbolTable _table;
        private int _index;

        internal Enumerator(SymbolTable table)
        {
            _table = table;
            _index = -1;
        }

        /// <summary>The symbol that the walk has come to.</summary>
        public readonly SymbolEntry Current => _table[_index];

        /// <summary>Goes on to the next symbol.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext() => ++_index < _table.Count;
    }
}
