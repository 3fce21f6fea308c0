using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.OwnSpecs.Demo;
using BootProtocol.X86;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Fields of bits inside flags.</summary>
public sealed class FlagsTests
{
    [Fact]
    public void Fields_of_bits_are_read_and_replaced_alone()
    {
        DemoFlags flags = DemoFlags.First | DemoFlags.Last;
        flags = flags.WithLevel(5).WithKind(DemoKind.Two);
        Assert.Equal(0x802b, (int)flags);
        Assert.Equal(5, flags.GetLevel());
        Assert.Equal(DemoKind.Two, flags.GetKind());
        Assert.Equal(0x8021, (int)flags.WithLevel(0));
        Assert.Equal(0x8ffb, (int)flags.WithKind((DemoKind)255));
    }

    [Fact]
    public void Value_beyond_its_bits_is_refused()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => DemoFlags.First.WithLevel(8));
        Assert.Equal("value", exception.ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => default(LoaderType).WithId((LoaderId)16));
    }

    [Theory]
    [InlineData(0x100000)]
    [InlineData(0x1000000)]
    [InlineData(uint.MaxValue)]
    public void Limit_beyond_the_bits_of_a_descriptor_is_refused(uint limit)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FlatSegment.Of(SegmentType.CodeExecuteRead, SegmentDescriptor.LongMode, limit: limit));
        Assert.Equal(0x00af_9a00_0000_fffful, (ulong)FlatSegment.Of(SegmentType.CodeExecuteRead, SegmentDescriptor.LongMode) & 0xffff_ffff_0000_ffff);
    }

    [Fact]
    public void Loader_type_is_made_of_id_and_version() =>
        Assert.Equal(0xb2, (int)default(LoaderType).WithId(LoaderId.Qemu).WithVersion(2));
}
