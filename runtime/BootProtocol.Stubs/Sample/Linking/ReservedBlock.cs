namespace BootProtocol.Sample.Linking;

/// <summary>Lays out memory that is zero at first and takes no room in the file.</summary>
internal sealed class ReservedBlock
{
    private readonly List<BlockSymbol> _symbols = [];
    private int _size;

    /// <summary>Sets memory aside.</summary>
    /// <param name="symbol">Its name.</param>
    /// <param name="size">Its size, in bytes.</param>
    /// <param name="alignment">Its alignment, in bytes, at most a page.</param>
    public void Reserve(string symbol, int size, int alignment)
    {
        _size = (_size + alignment - 1) / alignment * alignment;
        _symbols.Add(new BlockSymbol(symbol, _size, IsCode: false));
        _size += size;
    }

    /// <summary>Gives the current end a name.</summary>
    public void Define(string symbol) => _symbols.Add(new BlockSymbol(symbol, _size, IsCode: false));

    /// <summary>What was laid out.</summary>
    public Block ToBlock() => new([], _size, _symbols, []);
}
