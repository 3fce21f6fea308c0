using BootProtocol.Specs;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Random bytes that are some structure: its constants, a version near one of its gates, a length that it may have.</summary>
internal static class Fixture
{
    /// <summary>Bytes behind the structure, which nothing may look at or write.</summary>
    public const int Surplus = 3;

    /// <summary>Every end of a gate, and its neighbours.</summary>
    public static uint[] Versions(SpecStructure structure)
    {
        if (structure.Versions is not { } versions)
            return [];
        SpecField field = Oracle.Find(structure.Variants[0], versions.Field)!;
        ulong largest = field.Size >= sizeof(uint) ? uint.MaxValue : (1ul << (field.Size * 8)) - 1;
        IEnumerable<uint> ends = structure.Variants.SelectMany(Oracle.Named)
            .Select(row => row.Gate)
            .OfType<SpecGate>()
            .SelectMany(gate => new[] { gate.Lowest, gate.Highest ?? gate.Lowest })
            .Concat([versions.Lowest, versions.Highest]);
        return
        [
            .. ends.SelectMany(end => new[] { (long)end - 1, end, (long)end + 1 })
                .Append((long)largest)
                .Where(version => version >= 0 && version <= (long)largest)
                .Select(version => (uint)version)
                .Distinct()
                .Order(),
        ];
    }

    /// <summary>Random bytes with a version and a length of the structure's own choice.</summary>
    public static Gen<byte[]> Random(SpecStructure structure, WordSize word)
    {
        SpecVariant variant = structure.Variant(word);
        uint[] versions = Versions(structure);
        int[] lengths = [variant.Size, variant.Size, variant.FloorLength, variant.FloorLength - 1, variant.Size + 1];
        return Gen.Select(
            Gen.Byte.Array[variant.Size + Surplus],
            Gen.Int[0, Math.Max(0, versions.Length - 1)],
            Gen.OneOf(Gen.Int[0, lengths.Length - 1].Select(choice => lengths[choice]), Gen.Int[0, variant.Size]),
            (bytes, version, length) => Make(structure, word, bytes, versions.Length == 0 ? null : versions[version], length));
    }

    /// <summary>Puts constants, version and length into bytes.</summary>
    /// <param name="structure">The structure.</param>
    /// <param name="word">The variant.</param>
    /// <param name="bytes">What the rest is; they are changed.</param>
    /// <param name="version">The version; null for a structure that has none.</param>
    /// <param name="length">The length that the structure says it has, where it says so.</param>
    public static byte[] Make(SpecStructure structure, WordSize word, byte[] bytes, uint? version, int length)
    {
        SpecVariant variant = structure.Variant(word);
        foreach (SpecField field in Oracle.Named(variant).Where(Oracle.HasConstant))
        {
            // A field of a later version may stand where an older one has another.
            if (version is not { } at || field.Gate is not { } gate || gate.Holds(at))
                Oracle.Constant(structure, field).CopyTo(bytes, field.Offset);
        }

        if (version is { } stored)
            Put(Oracle.Find(variant, structure.Versions!.Field)!, stored);
        if (structure.LengthField is { } name)
            Put(Oracle.Find(variant, name)!, (ulong)length);
        if (structure.EndByte is { } end)
            bytes[end] = (byte)Math.Clamp(length - end - 1, 0, byte.MaxValue);
        return bytes;

        void Put(SpecField field, ulong number) => Oracle.Store(bytes.AsSpan(field.Offset, field.Size), number, field.IsBigEndian ?? structure.IsBigEndian);
    }
}
