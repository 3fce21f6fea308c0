namespace BootProtocol.Specs;

/// <summary>A range of versions, compared as stored numbers (major * 256 + minor where the protocol writes major.minor).</summary>
/// <param name="Lowest">The first version that has the field.</param>
/// <param name="Highest">The last one; null for all later ones.</param>
/// <param name="Text">The gate as the spec writes it, such as <c>2.06+</c>.</param>
/// <example><code>
/// var protocol = new SpecGate(0x20c, null, "2.12+");
/// Console.WriteLine(protocol.Holds(image.SetupHeader.Version.Raw));
/// </code></example>
public sealed record SpecGate(uint Lowest, uint? Highest, string Text)
{
    /// <summary>Whether a version lies in the range.</summary>
    public bool Holds(uint version) => version >= Lowest && (Highest is not { } highest || version <= highest);
}
