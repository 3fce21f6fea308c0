using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>Symbols as an ELF file has them: those that only their own file sees come first.</summary>
internal sealed class ElfSymbolTable
{
    /// <summary>What stands for no section: the value is no address of one.</summary>
    private const ushort Absolute = 0xfff1;

    private readonly Section[] _sections;
    private readonly ulong[] _starts;

    /// <summary>Makes the table.</summary>
    public ElfSymbolTable(ElfFile elf, KernelSymbols symbols)
    {
        _sections =
        [
            .. elf.Sections.Where(static section => section.Flags.HasFlag(SectionFlags.Allocate) && section.Size != 0)
                .OrderBy(static section => section.Address),
        ];
        _starts = [.. _sections.Select(static section => section.Address.Value)];
        int size = ViewAccess.SizeOf<Symbol>(elf.Word);
        Symbols = new byte[(symbols.Count + 1) * size];
        Strings = new byte[1 + symbols.Sum(static symbol => symbol.NameBytes.Length + 1)];
        int index = 1;
        int text = 1;
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (KernelSymbol symbol in symbols)
            {
                SymbolBinding binding = BindingOf(symbol.Kind);
                if ((binding == SymbolBinding.Local) != (pass == 0))
                    continue;
                Write(Symbol.Create(Symbols.AsSpan(index * size), elf.Word), symbol, binding, text);
                symbol.NameBytes.CopyTo(Strings.AsSpan(text));
                text += symbol.NameBytes.Length + 1;
                index++;
            }

            if (pass == 0)
                LocalCount = index;
        }
    }

    /// <summary>The symbols, the unused first one included.</summary>
    public byte[] Symbols { get; }

    /// <summary>Their names, each with its NUL.</summary>
    public byte[] Strings { get; }

    /// <summary>How many come first that only their own file sees, the unused one included.</summary>
    public int LocalCount { get; }

    private static SymbolBinding BindingOf(char kind) => kind is 'W' or 'w' or 'V' or 'v'
        ? SymbolBinding.Weak
        : char.IsAsciiLetterUpper(kind) ? SymbolBinding.Global : SymbolBinding.Local;

    private void Write(Symbol.Writer entry, KernelSymbol symbol, SymbolBinding binding, int text)
    {
        ulong address = symbol.Address.Value;
        SymbolType type = SymbolType.None;
        ulong size = 0;
        ushort index = Absolute;
        if (char.ToUpperInvariant(symbol.Kind) != 'A' && Find(address) is { } section)
        {
            index = (ushort)section.Index;
            size = Math.Min(symbol.Size, section.Address.Value + section.Size - address);
            if (!section.Flags.HasFlag(SectionFlags.Execute))
                type = SymbolType.Object;
            else if (symbol.Kind is 'T' or 't' or 'W' or 'w')
                type = SymbolType.Function;
        }

        entry.NameOffset = (uint)text;
        entry.Value = symbol.Address;
        entry.Size = size;
        entry.Info = default(SymbolInfo).WithKind(type).WithBinding(binding);
        entry.SectionIndex = index;
    }

    /// <summary>The section that an address is in, or right behind.</summary>
    private Section? Find(ulong address)
    {
        int index = Array.BinarySearch(_starts, address);
        if (index < 0)
            index = ~index - 1;
        return index >= 0 && address - _starts[index] <= _sections[index].Size ? _sections[index] : null;
    }
}
