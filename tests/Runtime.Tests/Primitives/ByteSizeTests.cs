namespace BootProtocol.Runtime.Tests.Primitives;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(6072 << 10, "6072 KiB")]
    [InlineData(50 << 20, "50 MiB")]
    [InlineData((50 << 20) + 1, "50.0 MiB")]
    [InlineData((1 << 20) - 1, "1.0 MiB")]
    [InlineData((1UL << 40) - 1, "1.0 TiB")]
    [InlineData(3UL << 30, "3 GiB")]
    [InlineData(5UL << 40, "5 TiB")]
    [InlineData(ulong.MaxValue, "16.0 EiB")]
    public void Amounts_are_written_in_the_largest_unit_that_fits(ulong bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));

    [Theory]
    [InlineData("96", 96UL << 20)]
    [InlineData("96M", 96UL << 20)]
    [InlineData("96 MiB", 96UL << 20)]
    [InlineData("96mb", 96UL << 20)]
    [InlineData("3g", 3UL << 30)]
    [InlineData("7k", 7UL << 10)]
    [InlineData("2T", 2UL << 40)]
    [InlineData("12B", 12)]
    [InlineData("0x1000", 0x1000)]
    [InlineData("0Xffffffffffffffff", ulong.MaxValue)]
    public void Amounts_are_read(string text, ulong bytes)
    {
        Assert.True(ByteSize.TryParse(text, 1 << 20, out ulong found));
        Assert.Equal(bytes, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5G")]
    [InlineData("12X")]
    [InlineData("0x")]
    [InlineData("0xg")]
    [InlineData("99999999999T")]
    [InlineData("99999999999999999999")]
    public void What_is_no_amount_is_refused(string text) => Assert.False(ByteSize.TryParse(text, 1 << 20, out _));

    [Fact]
    public void Digits_alone_can_be_refused() => Assert.False(ByteSize.TryParse("16", 0, out _));

    [Theory]
    [InlineData(0x12345UL)]
    [InlineData(256UL << 20)]
    [InlineData(6072UL << 10)]
    public void Exact_texts_are_read_back(ulong bytes)
    {
        string text = ByteSize.Format(bytes);
        Assert.Equal(!text.Contains('.', StringComparison.Ordinal), ByteSize.TryParse(text, 1, out ulong found) && found == bytes);
    }
}
