namespace BootProtocol.Sample.Linking;

/// <summary>What the pass before found out about the places of symbols.</summary>
internal sealed class SymbolMap(ulong imageAddress) : ISymbolSource
{
    private readonly Dictionary<string, int> _offsets = new(StringComparer.Ordinal);

    public ulong ImageAddress => imageAddress;

    /// <summary>A symbol that was asked for and has no place; null if there is none.</summary>
    public string? Missing { get; private set; }

    public ulong AddressOf(string symbol)
    {
        if (_offsets.TryGetValue(symbol, out int offset))
            return imageAddress + (ulong)offset;
        Missing ??= symbol;
        return imageAddress;
    }

    /// <summary>Takes the places of a pass over.</summary>
    /// <returns>Whether any of them is new.</returns>
    public bool Update(IEnumerable<BlockSymbol> symbols)
    {
        bool changed = false;
        foreach (BlockSymbol symbol in symbols)
        {
            changed |= !_offsets.TryGetValue(symbol.Name, out int known) || known != symbol.Offset;
            _offsets[symbol.Name] = symbol.Offset;
        }

        Missing = null;
        return changed;
    }
}
