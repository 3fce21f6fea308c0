namespace BootProtocol.Generators.Emit;

/// <summary>What the bytes, their length, the version and the variant are called where an expression stands.</summary>
/// <param name="Bytes">The structure's bytes, a span.</param>
/// <param name="Length">How many of them belong to the structure, an <c>int</c>.</param>
/// <param name="Version">The structure's version, a <c>uint</c>.</param>
/// <param name="Narrow">Whether it is the 32-bit variant, a <c>bool</c>.</param>
/// <param name="Opening">A condition that is always true and declares <paramref name="Bytes"/>; null where these are there anyway.</param>
internal sealed record Scope(string Bytes, string Length, string Version, string Narrow, string? Opening = null)
{
    /// <summary>Inside of a view or a writer.</summary>
    public static Scope Member { get; } = new("_bytes", "_bytes.Length", "_version", "_narrow");

    /// <summary>
    /// Inside of a view whose structure says itself where it ends, for a field that may lie beyond: it looks at the structure's own bytes, by a
    /// local, with which the just-in-time compiler needs one test of the length for both the condition and the access.
    /// </summary>
    /// <param name="name">The local's name, one for each field in an expression.</param>
    public static Scope Ending(string name) => Member with { Bytes = name, Length = $"{name}.Length", Opening = $"_own is var {name}" };

    /// <summary>Inside of a static method.</summary>
    public static Scope Local { get; } = new("bytes", "bytes.Length", "version", "narrow");

    /// <summary>An expression that chooses between the variants; plain where both are the same.</summary>
    public string Pick(string narrow, string wide) => narrow == wide ? wide : $"({Narrow} ? {narrow} : {wide})";
}
