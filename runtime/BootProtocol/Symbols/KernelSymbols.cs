using System.Collections;
using System.Text;
using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>The symbols that a kernel has for its own messages (<c>CONFIG_KALLSYMS</c>), in the order of their addresses.</summary>
/// <remarks>
/// The table is found by its structure, never by the kernel's version, and each part of it proves the one before: tokens by their index, names
/// by tokens and markers, addresses by names and segments. Where the kernel has an order of names (since 6.1), the names have to agree with
/// it. Linux from 2.6.10 on and Xen have such a table. Names are kept in one array of bytes, and become strings when they are asked for.
/// Source: scripts/kallsyms.c and kernel/kallsyms.c of Linux, tools/symbols.c of Xen.
/// </remarks>
/// <example><code>
/// if (kernel.Symbols is { } symbols)
///     Console.WriteLine($"{symbols.Count} symbols, the first is {symbols[0]}");
/// else
///     Console.WriteLine("built without KALLSYMS");
/// </code></example>
public sealed class KernelSymbols : IReadOnlyList<KernelSymbol>
{
    private readonly ulong[] _addresses;
    private readonly KallsymsPool _names;

    private KernelSymbols(ulong[] addresses, KallsymsPool names, KernelSymbolForm form, WordSize word, bool hasOrder)
    {
        _addresses = addresses;
        _names = names;
        Form = form;
        Word = word;
        HasOrder = hasOrder;
    }

    /// <summary>The number of symbols.</summary>
    public int Count => _addresses.Length;

    /// <summary>How the table holds addresses.</summary>
    public KernelSymbolForm Form { get; }

    /// <summary>The size of an address: that of the ELF file, but of Xen 64 bits, whose ELF file has 32.</summary>
    public WordSize Word { get; }

    /// <summary>Whether the kernel has an order of names, with which all of them agree.</summary>
    public bool HasOrder { get; }

    /// <summary>A symbol.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such symbol.</exception>
    public KernelSymbol this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return new KernelSymbol(this, index);
        }
    }

    /// <summary>Reads the symbols of a kernel.</summary>
    /// <param name="elf">The kernel, decoded; it is read to its end.</param>
    /// <returns>Null if it has no such table, as it was built without <c>CONFIG_KALLSYMS</c>.</returns>
    /// <exception cref="BootFormatException">It has a part of such a table, but the rest of it is broken, or the kernel cannot be decoded.</exception>
    public static KernelSymbols? Read(ElfFile elf)
    {
        ArgumentNullException.ThrowIfNull(elf);
        ReadOnlySpan<byte> bytes = elf.Bytes.Read(0, elf.Bytes.Length);
        var effort = new SearchEffort(bytes.Length);
        KallsymsTokens? first = null;
        for (KallsymsTokens? tokens = KallsymsTokens.Find(bytes, 0); tokens is not null; tokens = KallsymsTokens.Find(bytes, tokens.End))
        {
            first ??= tokens;
            if (KallsymsNames.Find(bytes, tokens, effort) is { } names)
                return Read(elf, bytes, tokens, names);
        }

        return first is null
            ? null
            : throw KallsymsFaults.Broken("kallsyms_names", first.Start, "names and their markers in front of the tokens", "none that agree");
    }

    /// <summary>Finds a symbol by its name; of several the one with the lowest address.</summary>
    /// <param name="name">The name, such as <c>linux_banner</c>.</param>
    /// <param name="symbol">The symbol; not to be used if there is none.</param>
    public bool TryFind(string name, out KernelSymbol symbol)
    {
        ArgumentNullException.ThrowIfNull(name);
        byte[] text = Encoding.UTF8.GetBytes(name);
        for (int i = 0; i < Count; i++)
        {
            if (TextOf(i)[1..].SequenceEqual(text))
            {
                symbol = new KernelSymbol(this, i);
                return true;
            }
        }

        symbol = default;
        return false;
    }

    /// <summary>Finds the symbol that an address belongs to: the last one that does not start behind it; of several there, the first.</summary>
    /// <param name="address">The address, as linked.</param>
    /// <param name="symbol">The symbol; not to be used if there is none.</param>
    /// <returns>False if the address is before all symbols.</returns>
    public bool TryFindAt(Vaddr address, out KernelSymbol symbol)
    {
        int behind = FirstAbove(address.Value);
        if (behind == 0)
        {
            symbol = default;
            return false;
        }

        ulong start = _addresses[behind - 1];
        symbol = new KernelSymbol(this, start == 0 ? 0 : FirstAbove(start - 1));
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<KernelSymbol> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return new KernelSymbol(this, i);
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A symbol's address.</summary>
    internal ulong AddressOf(int index) => _addresses[index];

    /// <summary>A symbol's kind and name.</summary>
    internal ReadOnlySpan<byte> TextOf(int index) => _names[index];

    /// <summary>The bytes up to the next address; 0 for the last one.</summary>
    internal ulong SizeOf(int index)
    {
        int next = FirstAbove(_addresses[index]);
        return next < Count ? _addresses[next] - _addresses[index] : 0;
    }

    /// <summary>The first symbol with an address above another one, by halves: many may have the same.</summary>
    private int FirstAbove(ulong address)
    {
        int low = 0;
        int high = _addresses.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_addresses[middle] <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static KernelSymbols Read(ElfFile elf, ReadOnlySpan<byte> bytes, KallsymsTokens tokens, KallsymsNames names)
    {
        var places = new LoadedPlaces(elf);
        AddressTable addresses = KallsymsAddresses.Find(elf, bytes, names, tokens, places);
        KallsymsPool pool = KallsymsPool.Read(bytes, names, tokens, elf.Limits.MaximumDecoderMemory);
        bool isBehind = addresses.At >= tokens.End;
        if (isBehind)
            KallsymsOrder.Check(bytes, KallsymsAddresses.Aligned(addresses.End), pool, names.Count);
        else if (names.OrderAt >= 0)
            KallsymsOrder.Check(bytes, KallsymsAddresses.Aligned(names.OrderAt), pool, names.Count);
        WordSize word = addresses.Form == KernelSymbolForm.ImageRelative ? WordSize.Bits64 : elf.Word;
        var symbols = new KernelSymbols(addresses.Read(bytes, names.Count), pool, addresses.Form, word, isBehind || names.OrderAt >= 0);
        symbols.CheckBanner(elf);
        return symbols;
    }

    /// <summary>What is always at the same symbol proves the addresses.</summary>
    private void CheckBanner(ElfFile elf)
    {
        if (Form != KernelSymbolForm.ImageRelative && TryFind("linux_banner", out KernelSymbol banner)
            && !new ElfAddresses(elf).Read(banner.Address.Value, int.MaxValue).StartsWith("Linux version "u8))
        {
            string found = $"something else at {banner.Address}";
            throw KallsymsFaults.Broken("linux_banner", null, "'Linux version' where the symbol is", found);
        }
    }
}
