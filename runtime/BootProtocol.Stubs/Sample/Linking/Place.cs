namespace BootProtocol.Sample.Linking;

/// <summary>A place in memory, by register or by name.</summary>
/// <param name="Base">The register that holds the address; null where a symbol gives it.</param>
/// <param name="Index">A register to add.</param>
/// <param name="Scale">What the index counts, in bytes.</param>
/// <param name="Symbol">The symbol; null where a register gives the address.</param>
/// <param name="Displacement">Bytes to add.</param>
/// <param name="IsEarly">
/// The symbol is reached from where the image was loaded, not from where it was linked: by the instruction pointer with 64 bits, by ebp,
/// which holds the image's start, with 32.
/// </param>
internal readonly record struct Place(WordRegister? Base, WordRegister? Index, int Scale, string? Symbol, int Displacement, bool IsEarly)
{
    /// <summary>The place that a register points to.</summary>
    public static Place At(WordRegister register, int displacement = 0) => new(register, null, 1, null, displacement, false);

    /// <summary>The place that a register points to, in a table of <paramref name="scale"/> bytes each.</summary>
    public static Place At(WordRegister register, WordRegister index, int scale, int displacement = 0) =>
        new(register, index, scale, null, displacement, false);

    /// <summary>A named place, at its virtual address.</summary>
    public static Place Of(string symbol, int displacement = 0) => new(null, null, 1, symbol, displacement, false);

    /// <summary>A named place, for code that runs before the image's virtual addresses mean anything.</summary>
    public static Place Early(string symbol, int displacement = 0) => new(null, null, 1, symbol, displacement, true);

    /// <summary>The place some bytes further on.</summary>
    public Place Plus(int bytes) => this with { Displacement = Displacement + bytes };
}
