namespace BootProtocol.Specs;

/// <summary>A number that is computed of a structure's fields.</summary>
/// <example><code>
/// foreach (SpecComputed computed in SetupHeader.Layout.Info.Computed)
///     Console.WriteLine($"{computed.Name} = {computed.Formula}: {computed.Doc}");
/// </code></example>
public sealed class SpecComputed
{
    /// <summary>The number's own name.</summary>
    public required string Name { get; init; }

    /// <summary>How it is computed. Its names are those of fields and of numbers before it.</summary>
    public required SpecFormula Formula { get; init; }

    /// <summary>The versions that have the number; null if every version has it.</summary>
    public SpecGate? Gate { get; init; }

    /// <summary>What the number means; lines are separated by <c>\n</c>.</summary>
    public required string Doc { get; init; }
}
