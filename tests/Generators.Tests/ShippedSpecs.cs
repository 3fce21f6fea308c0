using BootProtocol.Testing;

namespace BootProtocol.Generators.Tests;

/// <summary>The specs of this repository.</summary>
internal static class ShippedSpecs
{
    public static (string Name, string Text)[] All { get; } =
    [
        .. Directory.GetFiles(Repository.File("spec"), "*.bootspec")
            .Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileName(path), File.ReadAllText(path))),
    ];
}
