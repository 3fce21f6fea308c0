using System.Collections.Immutable;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>What C is to measure of a structure or a field.</summary>
/// <param name="Size">The size in bytes.</param>
/// <param name="Alignment">The alignment in bytes.</param>
/// <param name="Left">The fields without a twin that the size leaves out.</param>
internal sealed record TwinMeasure(int Size, int Alignment, ImmutableArray<string> Left)
{
    /// <summary>The C line that does not compile if something has another size.</summary>
    public string SizeAssertion(string expression, string name)
    {
        string without = Left.Length == 0 ? "" : $" without {string.Join(", ", Left)}";
        return $"_Static_assert(sizeof({expression}) == {Size}, \"{name}: the size{without} is not {Size}\");";
    }
}
