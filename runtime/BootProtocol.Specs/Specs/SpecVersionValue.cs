namespace BootProtocol.Specs;

/// <summary>A protocol version.</summary>
/// <param name="version">The version.</param>
public sealed class SpecVersionValue(ProtocolVersion version) : SpecValue
{
    /// <summary>The version.</summary>
    public ProtocolVersion Version { get; } = version;

    /// <summary>The version as <c>2.06</c>.</summary>
    public override string ToString() => Version.ToString();
}
