using System.Text.RegularExpressions;
using BootProtocol.Layout.Tests.Btf;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>The other direction: nothing of a C structure is left out of ours.</summary>
public sealed partial class CoverageTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Only_alignment_leaves_bytes_between_fields(int bits)
    {
        List<string> holes = [];
        foreach (SpecStructure structure in SpecIndex.Shipped.Structures)
        {
            SpecVariant variant = structure.Variant((WordSize)bits);
            int end = 0;
            foreach (SpecField field in variant.Fields.OrderBy(field => field.Offset))
            {
                if (field.Offset - end >= variant.Alignment)
                    holes.Add($"{structure.Name}: nothing stands between 0x{end:x} and {field.Name} at 0x{field.Offset:x}");
                end = Math.Max(end, field.Offset + field.Size);
            }

            if (variant.Size - end >= variant.Alignment)
                holes.Add($"{structure.Name}: nothing stands between 0x{end:x} and the end at 0x{variant.Size:x}");
        }

        Assert.Empty(holes);
    }

    /// <summary>gcc lists the members of every twin: their bytes belong to fields of ours, unless their names say that they mean nothing.</summary>
    [Theory]
    [MemberData(nameof(HeaderSet.All), MemberType = typeof(HeaderSet))]
    [Needs(Need.Kernels)]
    public void Every_C_member_has_a_field(string headers, int bits)
    {
        var set = HeaderSet.Get(headers);
        set.Check(() => Assert.Empty(MissingMembers(set, bits)));
    }

    private static List<string> MissingMembers(HeaderSet headers, int bits)
    {
        List<string> missing = [];
        ProofPlan plan = Proved.Plan(headers, bits);
        foreach (var table in plan.Twins.GroupBy(twin => twin.Proof))
        {
            IEnumerable<string> variables = table.Select(twin => $"{ProofPlan.TypeName(twin.Structure.Name)} value_{twin.Structure.Name};");
            string source = table.Key.Source + string.Join('\n', variables) + "\n";
            var types = new BtfTypes(new CCompiler(headers: headers).DescribeTypes(source, bits), bits);
            foreach ((SpecStructure structure, SpecVariant variant, _) in table)
            {
                // A type that the table itself writes in C has no members but those that the table needs.
                if (TwinSet.Shipped.Lines(TwinKind.Structure, structure.Name).Any(line => line.Text.StartsWith("struct {", StringComparison.Ordinal)))
                    continue;
                BtfType twin = types.Structure(ProofPlan.TypeName(structure.Name));
                Assert.Equal(plan.SizeInC(structure), twin.SizeOrType);
                missing.AddRange(types.Members(twin)
                    .Where(member => !MeansNothing().IsMatch(member.Name) && !IsCovered(variant, member.Offset, member.Size))
                    .Select(member => $"{structure.Name}: C has {member.Name} at 0x{member.Offset:x}, {member.Size} bytes; no field is there"));
            }
        }

        return missing;
    }

    private static bool IsCovered(SpecVariant variant, int offset, int size)
        => Enumerable.Range(offset, size).All(at => variant.Fields.Any(
            field => field.Kind != SpecKind.Pad && field.Offset <= at && at < field.Offset + field.Size));

    [GeneratedRegex("pad|spare|unused|reserved|rsvd", RegexOptions.IgnoreCase)]
    private static partial Regex MeansNothing();
}
