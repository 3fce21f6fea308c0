using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>What the value of a field has to be.</summary>
/// <param name="Kind">The kind of rule.</param>
/// <param name="Values">What the kind says: the first value and the last one, all values, the number that the value is a multiple of, or the bits.</param>
/// <param name="IsChecked">Whether <c>TryParse</c> refuses a structure that breaks the rule; else only <c>Validate</c> looks at it.</param>
/// <param name="Text">The rule as the spec writes it.</param>
/// <param name="Expected">The rule as an error puts it.</param>
/// <example><code>
/// foreach (SpecRule rule in SpecCatalog.Structures.SelectMany(structure =&gt; structure.Variants[0].Fields).SelectMany(field =&gt; field.Rules))
///     Console.WriteLine($"{rule.Text}: {rule.Expected}, 1 is allowed: {rule.Allows(1)}");
/// </code></example>
public sealed record SpecRule(SpecRuleKind Kind, ImmutableArray<ulong> Values, bool IsChecked, string Text, string Expected)
{
    /// <summary>Whether a number keeps the rule.</summary>
    /// <param name="number">The number as it is stored.</param>
    public bool Allows(ulong number) => Kind switch
    {
        SpecRuleKind.Range => number >= Values[0] && number <= Values[1],
        SpecRuleKind.OneOf => Values.Contains(number),
        SpecRuleKind.Multiple => number % Values[0] == 0,
        SpecRuleKind.Bits => (number & ~Values[0]) == 0,
        _ => number == 0,
    };
}
