using System.Globalization;

namespace BootProtocol.Specs;

/// <summary>A value of an enumeration.</summary>
/// <example><code>
/// var value = new SpecEnumValue(E820TypeLayout.Info, (ulong)E820Type.Ram);
/// Console.WriteLine($"{value.Value} is {value.Name ?? "unknown"}");
/// </code></example>
public sealed class SpecEnumValue : SpecValue
{
    /// <summary>Reads a number as one of an enumeration.</summary>
    /// <param name="enumeration">What the values mean.</param>
    /// <param name="value">The number.</param>
    public SpecEnumValue(SpecEnumeration enumeration, ulong value)
    {
        ArgumentNullException.ThrowIfNull(enumeration);
        Enumeration = enumeration;
        Value = value;
    }

    /// <summary>What the values mean.</summary>
    public SpecEnumeration Enumeration { get; }

    /// <summary>The number.</summary>
    public ulong Value { get; }

    /// <summary>The value's name, as the protocol spells it; null if it has none.</summary>
    public string? Name => NameOf(Enumeration, Value);

    /// <summary>The number, and its name if it has one: <c>2 RESERVED</c>.</summary>
    public override string ToString()
    {
        string number = Value.ToString(CultureInfo.InvariantCulture);
        return Name is { } name ? $"{number} {name}" : number;
    }

    internal static string? NameOf(SpecEnumeration enumeration, ulong value)
    {
        foreach (SpecEnumerator enumerator in enumeration.Enumerators)
        {
            if (enumerator.Value == value)
                return enumerator.Name;
        }

        return null;
    }
}
