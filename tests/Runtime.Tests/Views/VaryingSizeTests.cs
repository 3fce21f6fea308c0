namespace BootProtocol.Runtime.Tests.Views;

/// <summary>How far structures of varying size go, as generated views find it.</summary>
public sealed class VaryingSizeTests
{
    /// <summary>A structure without bytes has no end, and takes the rest: else a number could ask for an endless walk.</summary>
    [Fact]
    public void Structures_without_bytes_are_not_counted_for_ever()
    {
        ParseError error = default;
        Assert.False(ViewAccess.TryMeasure<Nothing>(new byte[5], WordSize.Bits64, ulong.MaxValue, "crate", "list", 4, out _, ref error));
        Assert.Equal("crate.list at offset 0x9: expected 18446744073709551615 elements, found 1", error.ToString());
        Assert.True(ViewAccess.TryMeasure<Nothing>(new byte[5], WordSize.Bits64, 1, "crate", "list", 4, out int used, ref error));
        Assert.Equal(5, used);
    }

    private readonly ref struct Nothing : IVaryingView<Nothing>
    {
        public static bool TryRead(ReadOnlySpan<byte> bytes, WordSize word, out Nothing view, out int length, scoped ref ParseError error)
        {
            view = default;
            length = 0;
            return true;
        }
    }
}
