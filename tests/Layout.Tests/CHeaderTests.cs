using System.Collections.Immutable;
using BootProtocol.Cli.Layouts;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>What <c>layout --c</c> writes compiles by itself, and its own assertions hold.</summary>
[Needs(Need.Tools)]
public sealed class CHeaderTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Header_of_each_structure_compiles(int bits)
        => Assert.Empty(SpecIndex.Shipped.Structures
            .AsParallel()
            .Select(structure => (structure.Name, Complaint: Complaint([structure], bits)))
            .Where(result => result.Complaint.Length > 0)
            .Select(result => $"{result.Name}: {result.Complaint}"));

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Header_of_all_structures_compiles(int bits) => Assert.Equal("", Complaint(SpecIndex.Shipped.Structures, bits));

    private static string Complaint(ImmutableArray<SpecStructure> structures, int bits)
    {
        using var header = new StringWriter();
        CHeader.Write(structures, header);
        return new CCompiler().Complaint(header.ToString(), bits, "-Wall", "-Wextra", "-Werror");
    }
}
