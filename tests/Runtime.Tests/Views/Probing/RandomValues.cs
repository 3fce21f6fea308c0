using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Random values for fields, and whether they fit.</summary>
internal static class RandomValues
{
    /// <summary>A value of a property's type, the ends of its range among them.</summary>
    public static T Next<T>(Random random) => Canonical.Value<T>(random.Next(6) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => 1ul << random.Next(64),
        3 => unchecked(0ul - (1ul << random.Next(64))),
        4 => (ulong)random.Next(4),
        _ => unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue)),
    });

    /// <summary>A version for a structure's version field: each gate's ends, and their neighbours, no older than the oldest.</summary>
    public static ulong NextVersion(SpecStructure structure, Random random)
    {
        uint[] versions = [.. Fixture.Versions(structure).Where(version => version >= structure.Versions!.Lowest)];
        return versions[random.Next(versions.Length)];
    }

    /// <summary>Whether a value fits in a field's bytes.</summary>
    public static bool Fits(ulong raw, SpecField field)
    {
        int bits = field.ValueSize * 8;
        return field.Kind == SpecKind.Signed ? (long)raw >> (bits - 1) is 0 or -1 : bits == 64 || raw >> bits == 0;
    }

    /// <summary>What is said of a value that does not fit.</summary>
    public static string Misfit(SpecField field) =>
        $"{field.Name} has {field.ValueSize * 8} bits{(field.Kind == SpecKind.Signed ? " and a sign" : "")}. (Parameter 'value')";
}
