namespace BootProtocol.Specs;

/// <summary>Where a structure's version stands, and which ones the spec has, as stored numbers.</summary>
/// <param name="Field">The field that holds the version.</param>
/// <param name="IsDotted">Whether versions are written major.minor and stored as major * 256 + minor.</param>
/// <param name="Lowest">The oldest version.</param>
/// <param name="Highest">The newest version.</param>
/// <example><code>
/// SpecVersions versions = HvmStartInfo.Layout.Info.Versions!;
/// Console.WriteLine($"{versions.Field} says {versions.Lowest} to {versions.Highest}");
/// </code></example>
public sealed record SpecVersions(string Field, bool IsDotted, uint Lowest, uint Highest);
