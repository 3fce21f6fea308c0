namespace BootProtocol.Specs;

/// <summary>The kind of a rule for the value of a field.</summary>
/// <example><code>
/// var rule = new SpecRule(SpecRuleKind.Multiple, [4096], IsChecked: false, "aligned 0x1000", "a multiple of 0x1000");
/// Console.WriteLine($"{rule.Kind}: {rule.Allows(8192)}");
/// </code></example>
public enum SpecRuleKind
{
    /// <summary>From a first value to a last one.</summary>
    Range,

    /// <summary>One of some values.</summary>
    OneOf,

    /// <summary>A multiple of a number.</summary>
    Multiple,

    /// <summary>No bits but some.</summary>
    Bits,

    /// <summary>Zero; of bytes, texts and pads zeros.</summary>
    Zero,
}
