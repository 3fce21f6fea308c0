using System.Numerics;
using BootProtocol.Runtime.Tests.OwnSpecs;
using BootProtocol.Runtime.Tests.OwnSpecs.Demo;
using BootProtocol.Specs;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Numbers that are computed of fields: the view, the reader of tables, and the same in numbers of any length.</summary>
public sealed class ComputedTests
{
    private static readonly ProtocolVersion[] _versions = [new(1, 0), new(1, 4), new(1, 5), new(1, 9), new(1, 10)];

    [Fact]
    public void Numbers_are_those_of_arithmetic_without_limits() => Gen
        .Select(Of(_versions), Gen.OneOf(Gen.Byte, Of<byte>(0, 1, 63, 64, 255)), Numbers(32), Numbers(64), Numbers(32))
        .Sample((version, small, count, wide, late) =>
        {
            byte power = (byte)(small ^ 0x2a);
            byte[] bytes = Make(version, small, power, (uint)count, wide, (uint)late);
            bool isLate = version.Raw >= 0x105;
            BigInteger sectors = small == 0 ? 4 : small;
            BigInteger whole = (sectors + 1) * 512;
            BigInteger more = whole * 2 + count / 4;
            BigInteger? twoTo = power < 64 ? BigInteger.One << power : null;
            BigInteger? product = Fit((BigInteger)wide * count);
            var expected = new Dictionary<string, BigInteger?>
            {
                ["bytes"] = whole,
                ["more"] = more,
                ["whole_power"] = twoTo,
                ["product"] = product,
                ["quotient"] = count == 0 ? null : (BigInteger)wide / count,
                ["difference"] = Fit(count - sectors * 2),
                ["between"] = wide,
                ["chained"] = product is { } factor ? Fit((factor + more) >> 1) : null,
            };
            if (isLate)
            {
                expected["late_bits"] = (BigInteger)late << 3;
                expected["of_late"] = twoTo is { } added ? Fit(((BigInteger)late << 3) + added) : null;
            }

            expected["with_else"] = (isLate ? (uint)late ^ 0x55 : 3) * (BigInteger)10;
            if (version.Raw >= 0x10a)
                expected["newest"] = sectors >> 1;

            SpecRecord record = SpecReader.Read(Computed.Layout.Info, bytes);
            Assert.Equal(
                expected.Select(pair => (pair.Key, pair.Value)),
                record.Computed.Select(row => (row.Computed.Name, row.Value is { } value ? (BigInteger?)value : null)));
            Check(Computed.Parse(bytes), expected);
        });

    [Fact]
    public void What_is_no_number_says_of_which_fields()
    {
        byte[] bytes = Make(new ProtocolVersion(1, 0), 1, 64, 0, 5, 0);
        Computed view = Computed.Parse(bytes);
        Assert.False(view.TryGetQuotient(out ulong value, out ParseError error));
        Assert.Equal(0ul, value);
        Assert.Equal(
            (BootErrorCode.BadValue, "computed", "quotient", 8L, "fields of which wide / count is a number of 64 bits"),
            (error.Code, error.Structure, error.Field, error.Offset, error.Expected));
        BootFormatException fault = Assert.Throws<BootFormatException>(() => Computed.Parse(bytes).WholePower);
        Assert.Equal("whole_power", fault.Field);
        Assert.False(view.TryGetOfLate(out _, out error));
        Assert.False(error.IsError);
        Assert.Null(view.OfLate);
    }

    [Fact]
    public void Table_has_the_formulas_as_the_spec_writes_them()
    {
        Assert.Equal("(sectors + 1) * 512", Computed.Layout.Info.Computed[0].Formula.Text);
        Assert.Equal(["sectors", "1", "+", "512", "*"], Computed.Layout.Info.Computed[0].Formula.Steps);
        Assert.Equal("1.10+", Computed.Layout.Info.Computed[^1].Gate!.Text);
    }

    [Theory]
    [InlineData]
    [InlineData("+")]
    [InlineData("1", "2")]
    [InlineData("1", "+", "2")]
    public void Formulas_come_to_one_number(params string[] steps) => Assert.Throws<ArgumentException>(() => new SpecFormula("", [.. steps]));

    [Fact]
    public void Formula_that_leaves_128_bits_is_no_number()
    {
        string[] steps = ["a", "a", "*", "a", "*"];
        Assert.False(new SpecFormula("a * a * a", [.. steps]).TryCompute(_ => ulong.MaxValue, out _));
        Assert.True(new SpecFormula("a * a * a", [.. steps]).TryCompute(_ => 1 << 20, out ulong number));
        Assert.Equal(1ul << 60, number);
        Assert.False(new SpecFormula("a", "a").TryCompute(_ => null, out _));
    }

    private static Gen<ulong> Numbers(int bits)
    {
        ulong most = ulong.MaxValue >> (64 - bits);
        return Gen.OneOf(Of<ulong>(0, 1, 2, most, most - 1, 1ul << 31), Gen.ULong.Select(number => number >> (64 - bits)), Gen.ULong[0, 1000]);
    }

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static byte[] Make(ProtocolVersion version, byte sectors, byte power, uint count, ulong wide, uint late)
    {
        byte[] bytes = new byte[Computed.Layout.Size];
        Computed.Writer writer = Computed.Create(bytes, version);
        writer.Sectors = sectors;
        writer.Power = power;
        writer.Count = count;
        writer.Wide = wide;
        if (version.Raw >= 0x105)
        {
            writer.Late = late;
            writer.Other = late ^ 0x55;
        }

        return bytes;
    }

    private static BigInteger? Fit(BigInteger number) => number.Sign >= 0 && number <= ulong.MaxValue ? number : null;

    private static void Check(Computed view, Dictionary<string, BigInteger?> expected)
    {
        Assert.Equal(expected["bytes"], view.Bytes);
        Assert.Equal(expected["more"], view.More);
        Assert.Equal(expected["whole_power"], view.TryGetWholePower(out ulong whole, out ParseError error) ? whole : null);
        Assert.Equal(expected["whole_power"] is null, error.IsError);
        Assert.Equal(expected["product"], view.TryGetProduct(out ulong product, out _) ? product : null);
        Assert.Equal(expected["quotient"], view.TryGetQuotient(out ulong quotient, out _) ? quotient : null);
        Assert.Equal(expected["difference"], view.TryGetDifference(out ulong difference, out _) ? difference : null);
        Assert.Equal(expected["between"], view.TryGetBetween(out ulong between, out _) ? between : null);
        Assert.Equal(expected["chained"], view.TryGetChained(out ulong chained, out _) ? chained : null);
        Assert.Equal(expected.GetValueOrDefault("late_bits"), view.LateBits);
        Assert.Equal(expected.GetValueOrDefault("of_late"), view.TryGetOfLate(out ulong ofLate, out error) ? ofLate : null);
        Assert.Equal(expected.TryGetValue("of_late", out BigInteger? sum) && sum is null, error.IsError);
        Assert.Equal(expected["with_else"], view.WithElse);
        Assert.Equal(expected.GetValueOrDefault("newest"), view.Newest);
    }
}
