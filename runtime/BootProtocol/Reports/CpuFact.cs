namespace BootProtocol.Reports;

/// <summary>One thing about the state in which a domain's first processor starts.</summary>
/// <param name="Name">A register, as the processor's manual spells it, or <c>mode</c>.</param>
/// <param name="Value">What it holds: hexadecimal digits behind <c>0x</c>; words for the mode.</param>
/// <param name="Meaning">The names of the flags that are set, or what it points at; empty if there is nothing to say.</param>
/// <example><code>
/// foreach (CpuFact fact in CpuFacts.Of(linux))
///     Console.WriteLine($"{fact.Name} = {fact.Value}: {fact.Meaning}");
/// </code></example>
public sealed record CpuFact(string Name, string Value, string Meaning);
