using BootProtocol.Specs;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Every structure of the library and of the tests' specs, on random bytes: view and writers do what its table says.</summary>
public sealed class AllStructuresTests
{
    public static TheoryData<string, WordSize> Cases => StructureProbe.Cases;

    [Fact]
    public void All_structures_of_one_size_are_tried()
    {
        IEnumerable<string> all = SpecCatalog.Structures.Concat(OwnSpecs.SpecCatalog.Structures)
            .Where(structure => structure.Variants[0].Tail.IsEmpty)
            .Select(structure => structure.Name);
        Assert.Equal(all.Order(), StructureProbe.All.Select(probe => probe.Info.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_prefix_is_refused_or_read_as_the_table_says(string name, WordSize word)
    {
        StructureProbe probe = StructureProbe.Find(name);
        SpecVariant variant = probe.Info.Variant(word);
        uint[] versions = Fixture.Versions(probe.Info);
        var random = new Random(1);
        foreach (uint? version in versions.Length == 0 ? [null] : versions.Select(version => (uint?)version))
        {
            byte[] noise = new byte[variant.Size + Fixture.Surplus];
            random.NextBytes(noise);
            byte[] bytes = Fixture.Make(probe.Info, word, noise, version, variant.Size);
            for (int length = 0; length <= bytes.Length; length++)
                Check(probe, word, bytes.AsSpan(0, length));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Random_bytes_are_refused_or_read_as_the_table_says(string name, WordSize word)
    {
        StructureProbe probe = StructureProbe.Find(name);
        Fixture.Random(probe.Info, word).Sample(bytes => Check(probe, word, bytes), iter: Iterations(probe, word), threads: 1);
        Gen.Byte.Array[0, probe.Info.Variant(word).Size].Sample(bytes => Check(probe, word, bytes), iter: 100, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Wrong_constant_is_refused(string name, WordSize word)
    {
        StructureProbe probe = StructureProbe.Find(name);
        SpecVariant variant = probe.Info.Variant(word);
        foreach (SpecField field in Oracle.Named(variant).Where(Oracle.HasConstant))
        {
            byte[] bytes = Fixture.Make(probe.Info, word, new byte[variant.Size], probe.Info.Versions?.Highest, variant.Size);
            Assert.NotNull(probe.Describe(bytes, word, out _));
            bytes[field.Offset + field.Size - 1] ^= 0x40;
            Assert.Null(probe.Describe(bytes, word, out ParseError error));
            Assert.Equal((probe.Info.Name, field.Name, probe.Info.BaseOffset + field.Offset), (error.Structure, error.Field, error.Offset));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Writers_set_what_they_may_and_nothing_else(string name, WordSize word)
    {
        StructureProbe probe = StructureProbe.Find(name);
        foreach (WriterProbe writer in probe.Writers)
        {
            if (!writer.IsAuthor)
            {
                Gen.Select(Fixture.Random(probe.Info, word), Gen.Int).Sample(
                    (bytes, seed) =>
                    {
                        string? fault = Oracle.Fault(probe.Info, probe.Info.Variant(word), bytes);
                        bool isThere = writer.Edit(bytes, word, new Random(seed), out ParseError error);
                        Assert.Equal(fault, isThere ? null : error.Field);
                    },
                    iter: Iterations(probe, word),
                    threads: 1);
            }

            if (writer.IsCreator)
            {
                foreach (uint? version in KnownVersions(probe))
                {
                    uint? newest = probe.Info.Versions?.Highest;
                    byte[] bytes = Noise(LengthAt(probe.Info.Variant(word), version ?? newest, newest));
                    writer.CreateAndFill(bytes, word, version, new Random(2));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Created_structure_has_constants_version_and_length_and_nothing_else(string name, WordSize word)
    {
        StructureProbe probe = StructureProbe.Find(name);
        SpecVariant variant = probe.Info.Variant(word);
        WriterProbe writer = probe.Writers.Single(writer => writer.IsCreator);
        foreach (uint? version in KnownVersions(probe))
        {
            uint? stored = version ?? probe.Info.Versions?.Highest;
            int length = LengthAt(variant, stored, probe.Info.Versions?.Highest);
            byte[] actual = Noise(variant.Size + Fixture.Surplus);
            byte[] expected = [.. actual];
            expected.AsSpan(0, length).Clear();
            Fixture.Make(probe.Info, word, expected, stored, length);

            writer.Create(actual, word, version);
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(actual));
            Assert.Equal(Oracle.Fault(probe.Info, variant, actual) is null, probe.Describe(actual, word, out _) is not null);

            var room = Assert.Throws<ArgumentException>(() => writer.Create(new byte[length - 1], word, version));
            Assert.Equal($"{probe.Info.Name} needs {length} bytes, but there is room for {length - 1}. (Parameter 'bytes')", room.Message);
            writer.Create(new byte[length], word, version);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Structure_is_not_created_in_an_unknown_version(string name, WordSize word)
    {
        StructureProbe probe = StructureProbe.Find(name);
        WriterProbe writer = probe.Writers.Single(writer => writer.IsCreator);
        foreach (uint version in Fixture.Versions(probe.Info).Except(KnownVersions(probe).OfType<uint>()))
        {
            string low = Oracle.Spell(probe.Info, probe.Info.Versions!.Lowest);
            string high = Oracle.Spell(probe.Info, probe.Info.Versions.Highest);
            var exception = Assert.Throws<ArgumentOutOfRangeException>(() => writer.Create(new byte[4096], word, version));
            Assert.StartsWith(
                $"{probe.Info.Name} has versions {low} to {high}. (Parameter 'version')",
                exception.Message,
                StringComparison.Ordinal);
        }
    }

    private static void Check(StructureProbe probe, WordSize word, ReadOnlySpan<byte> bytes)
    {
        string? fault = Oracle.Fault(probe.Info, probe.Info.Variant(word), bytes);
        string? actual = probe.Describe(bytes, word, out ParseError error);
        Assert.Equal(fault, actual is null ? error.Field : null);
        Assert.Equal(fault is not null, error.IsError);
        if (actual is not null)
            Assert.Equal(Oracle.Describe(probe.Info, word, bytes), actual);
    }

    /// <summary>The end of the last field of a version; for the newest one the whole size.</summary>
    private static int LengthAt(SpecVariant variant, uint? version, uint? newest)
    {
        int end = End(version);
        return end == End(newest) ? variant.Size : Math.Max(end, variant.FloorLength);

        int End(uint? at) => Oracle.Named(variant)
            .Where(field => at is not { } known || field.Gate is not { } gate || gate.Holds(known))
            .Max(field => field.Offset + field.Size);
    }

    private static IEnumerable<uint?> KnownVersions(StructureProbe probe) =>
        Fixture.Versions(probe.Info)
            .Where(version => version >= probe.Info.Versions!.Lowest && version <= probe.Info.Versions.Highest)
            .Select(version => (uint?)version)
            .Prepend(null);

    private static byte[] Noise(int size)
    {
        byte[] bytes = new byte[size];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private static int Iterations(StructureProbe probe, WordSize word) => Math.Clamp(50_000 / probe.Info.Variant(word).Size, 10, 200);
}
