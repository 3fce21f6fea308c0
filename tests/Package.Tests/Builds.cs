namespace BootProtocol.Package.Tests;

/// <summary>Tests that build parts of this repository in place: one after another, for they share its build output.</summary>
[CollectionDefinition(Name)]
public sealed class Builds : ICollectionFixture<PackedPackages>
{
    public const string Name = "builds";
}
