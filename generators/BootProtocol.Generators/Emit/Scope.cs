namespace BootProtocol.Generators.Emit;

/// <summary>What the bytes, their length, the version and the variant are called where an expression stands.</summary>
/// <param name="Bytes">The structure's bytes, a span.</param>
/// <param name="Length">How many of them belong to the structure, an <c>int</c>.</param>
/// <param name="Version">The structure's version, a <c>uint</c>.</param>
/// <param name="Narrow">Whether it is the 32-bit variant, a <c>bool</c>.</param>
internal sealed record Scope(string Bytes, string Length, string Version, string Narrow)
{
    /// <summary>Inside of a view or a writer.</summary>
    public static Scope Member { get; } = new("_bytes", "_bytes.Length", "_version", "_narrow");

    /// <summary>Inside of a view whose structure says itself where it ends: only fields that may lie beyond look at that.</summary>
    public static Scope Ending { get; } = Member with { Length = "_length" };

    /// <summary>Inside of a static method.</summary>
    public static Scope Local { get; } = new("bytes", "bytes.Length", "version", "narrow");

    /// <summary>An expression that chooses between the variants; plain where both are the same.</summary>
    public string Pick(string narrow, string wide) => narrow == wide ? wide : $"({Narrow} ? {narrow} : {wide})";
}
