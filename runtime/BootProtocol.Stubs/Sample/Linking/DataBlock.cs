using System.Buffers.Binary;
using System.Text;
using BootProtocol.Relocate;

namespace BootProtocol.Sample.Linking;

/// <summary>Writes constants and variables.</summary>
internal sealed class DataBlock(ISymbolSource symbols, WordSize word)
{
    private readonly List<byte> _bytes = [];
    private readonly List<BlockSymbol> _symbols = [];
    private readonly List<Relocation> _relocations = [];
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Gives the current place a name.</summary>
    public void Define(string symbol) => _symbols.Add(new BlockSymbol(symbol, _bytes.Count, IsCode: false));

    /// <summary>Fills up to a multiple of some bytes.</summary>
    public void Align(int alignment)
    {
        while (_bytes.Count % alignment != 0)
            _bytes.Add(0);
    }

    /// <summary>Appends zeros.</summary>
    public void Zeros(int count) => _bytes.AddRange(new byte[count]);

    /// <summary>Appends bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    /// <summary>Appends a number of 32 bits.</summary>
    public void Number32(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    /// <summary>Appends a number of 64 bits.</summary>
    public void Number64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    /// <summary>Appends an address of the guest's word size.</summary>
    /// <param name="symbol">Whose address.</param>
    /// <param name="displacement">Bytes to add.</param>
    public void Address(string symbol, long displacement = 0)
    {
        if (word == WordSize.Bits32)
        {
            Address32(symbol, displacement);
            return;
        }

        _relocations.Add(new Relocation(_bytes.Count, RelocationKind.Add64));
        Number64(symbols.AddressOf(symbol) + (ulong)displacement);
    }

    /// <summary>Appends the lower 32 bits of an address.</summary>
    public void Address32(string symbol, long displacement = 0)
    {
        _relocations.Add(new Relocation(_bytes.Count, RelocationKind.Add32));
        Number32((uint)(symbols.AddressOf(symbol) + (ulong)displacement));
    }

    /// <summary>Appends the lower 32 bits of an address, negated: such a number falls where the address rises.</summary>
    public void NegatedAddress32(string symbol)
    {
        _relocations.Add(new Relocation(_bytes.Count, RelocationKind.Subtract32));
        Number32((uint)(0 - symbols.AddressOf(symbol)));
    }

    /// <summary>The symbol of a NUL-terminated text; equal texts are stored once.</summary>
    public string Text(string text)
    {
        if (_texts.TryGetValue(text, out string? symbol))
            return symbol;
        symbol = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"text_{_texts.Count}");
        _texts.Add(text, symbol);
        Define(symbol);
        _bytes.AddRange(Encoding.ASCII.GetBytes(text));
        _bytes.Add(0);
        return symbol;
    }

    /// <summary>What was written.</summary>
    public Block ToBlock() => new([.. _bytes], _bytes.Count, _symbols, _relocations);
}
