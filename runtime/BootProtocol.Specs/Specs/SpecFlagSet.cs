using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>A set of flags.</summary>
/// <example><code>
/// var flags = new SpecFlagSet(XloadFlagsLayout.Info, (ulong)(XloadFlags.Kernel64 | XloadFlags.CanBeLoadedAbove4G));
/// Console.WriteLine(string.Join(' ', flags.Names));
/// </code></example>
public sealed class SpecFlagSet : SpecValue
{
    private ImmutableArray<string> _names;

    /// <summary>Reads a number as flags.</summary>
    /// <param name="flags">What the bits mean.</param>
    /// <param name="value">The number.</param>
    public SpecFlagSet(SpecEnumeration flags, ulong value)
    {
        ArgumentNullException.ThrowIfNull(flags);
        Flags = flags;
        Value = value;
    }

    /// <summary>What the bits mean.</summary>
    public SpecEnumeration Flags { get; }

    /// <summary>The number.</summary>
    public ulong Value { get; }

    /// <summary>The bits that are set and have no name.</summary>
    public ulong Unknown
    {
        get
        {
            ulong known = 0;
            foreach (SpecEnumerator enumerator in Flags.Enumerators)
                known |= enumerator.Value;
            return Value & ~known;
        }
    }

    /// <summary>
    /// The names of the flags that are set, in the spec's order. A field of bits is <c>NAME=value</c>, with the value's own name if it has
    /// one; one that holds 0 is left out.
    /// </summary>
    public ImmutableArray<string> Names => _names.IsDefault ? _names = Spell() : _names;

    /// <summary>The number in hexadecimal digits and the names: <c>0x81 LOADED_HIGH CAN_USE_HEAP</c>.</summary>
    public override string ToString()
    {
        string text = Names.IsEmpty ? $"0x{Value:x}" : $"0x{Value:x} {string.Join(' ', Names)}";
        return Unknown == 0 ? text : $"{text} unknown=0x{Unknown:x}";
    }

    private ImmutableArray<string> Spell()
    {
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>();
        foreach (SpecEnumerator flag in Flags.Enumerators)
        {
            if (!flag.IsBitField)
            {
                if ((Value & flag.Value) != 0)
                    names.Add(flag.Name);
                continue;
            }

            ulong part = (Value & flag.Value) >> flag.LowBit;
            if (part == 0)
                continue;
            string? name = flag.Enumeration is { } enumeration ? SpecEnumValue.NameOf(enumeration(), part) : null;
            names.Add($"{flag.Name}={name ?? $"0x{part:x}"}");
        }

        return names.ToImmutable();
    }
}
