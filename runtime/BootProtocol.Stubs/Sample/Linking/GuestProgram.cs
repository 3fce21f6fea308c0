namespace BootProtocol.Sample.Linking;

/// <summary>Where one pass over the guest's source puts what it makes.</summary>
internal sealed class GuestProgram(WordSize word, ISymbolSource symbols)
{
    /// <summary>The word size of the guest.</summary>
    public WordSize Word { get; } = word;

    /// <summary>Where things are, as far as it is known.</summary>
    public ISymbolSource Symbols { get; } = symbols;

    /// <summary>Code of 32 bits that a 64-bit guest needs, too; it may use early places only.</summary>
    public GuestCode Early { get; } = new(32, symbols);

    /// <summary>Code of the guest's word size.</summary>
    public GuestCode Code { get; } = new((int)word, symbols);

    /// <summary>Constants.</summary>
    public DataBlock Constants { get; } = new(symbols, word);

    /// <summary>ELF notes.</summary>
    public DataBlock Notes { get; } = new(symbols, word);

    /// <summary>Variables that start with a value.</summary>
    public DataBlock Variables { get; } = new(symbols, word);

    /// <summary>Variables that start with zero.</summary>
    public ReservedBlock Reserved { get; } = new();
}
