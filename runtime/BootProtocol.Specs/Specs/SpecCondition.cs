namespace BootProtocol.Specs;

/// <summary>What has to hold for a row of varying size or place to be there, or for one of those that share a place to be meant.</summary>
/// <param name="Number">The number that says so, as <see cref="SpecTail.CountName"/> names numbers.</param>
/// <param name="First">The lowest value of it that goes with the row.</param>
/// <param name="Last">The highest.</param>
/// <param name="Text">The condition as the spec writes it.</param>
/// <example><code>
/// var condition = new SpecCondition("flags.EXTRA", 1, ulong.MaxValue, "flags.EXTRA");
/// Console.WriteLine(condition.Holds(1) ? "the row is there" : "it is left out");
/// </code></example>
public sealed record SpecCondition(string Number, ulong First, ulong Last, string Text)
{
    /// <summary>Whether the row is there.</summary>
    /// <param name="value">What the number holds.</param>
    public bool Holds(ulong value) => value >= First && value <= Last;
}
