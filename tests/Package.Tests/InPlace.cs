namespace BootProtocol.Package.Tests;

/// <summary>Tests that build parts of this repository in place: one after the other, for they share its build output.</summary>
[CollectionDefinition(Name)]
public sealed class InPlace
{
    public const string Name = "in place";
}
