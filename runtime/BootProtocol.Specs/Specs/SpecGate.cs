namespace BootProtocol.Specs;

/// <summary>A range of versions, compared as stored numbers (major * 256 + minor where the protocol writes major.minor).</summary>
/// <param name="Lowest">The first version that has the field.</param>
/// <param name="Highest">The last one; null for all later ones.</param>
/// <param name="Text">The gate as the spec writes it, such as <c>2.06+</c>.</param>
public sealed record SpecGate(uint Lowest, uint? Highest, string Text)
{
    /// <summary>Whether a version lies in the range.</summary>
    public bool Holds(uint version) => version >= Lowest && (Highest is not { } highest || version <= highest);
}
