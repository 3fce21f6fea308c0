namespace BootProtocol.Sample.Linking;

/// <summary>The places of symbols.</summary>
internal interface ISymbolSource
{
    /// <summary>The virtual address at which the image starts.</summary>
    ulong ImageAddress { get; }

    /// <summary>The virtual address of a symbol; before everything has its place, some address of the image.</summary>
    ulong AddressOf(string symbol);
}
