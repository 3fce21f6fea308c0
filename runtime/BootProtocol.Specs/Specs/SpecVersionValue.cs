namespace BootProtocol.Specs;

/// <summary>A protocol version.</summary>
/// <param name="version">The version.</param>
/// <example><code>
/// if (image.DescribeSetupHeader().Find("version")?.Value is SpecVersionValue value)
///     Console.WriteLine($"{value.Version.Major}.{value.Version.Minor:d2}");
/// </code></example>
public sealed class SpecVersionValue(ProtocolVersion version) : SpecValue
{
    /// <summary>The version.</summary>
    public ProtocolVersion Version { get; } = version;

    /// <summary>The version as <c>2.06</c>.</summary>
    public override string ToString() => Version.ToString();
}
