using BootProtocol.Runtime.Tests.OwnSpecs.Demo;
using BootProtocol.Runtime.Tests.OwnSpecs.DemoBig;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Accessors of notes: every kind, every size of descriptor.</summary>
public sealed class NotesTests
{
    private static readonly byte[] _counted = [1, 2, 3, 4, 5, 6, 7, 0x88, 9, 10, 11, 12, 13, 14, 15, 16];

    [Fact]
    public void Absent_notes_are_null_or_their_stand_ins()
    {
        var ofAnother = new DemoNotes(new FakeNotes("Other").Add(4, 1, 0, 0, 0));
        foreach (DemoNotes notes in new[] { new DemoNotes(new FakeNotes("Demo")), ofAnother, default })
        {
            Assert.Null(notes.Text);
            Assert.True(notes.Blob.IsEmpty);
            Assert.Null(notes.Small);
            Assert.Null(notes.Amount);
            Assert.Equal(7ul, notes.Wide);
            Assert.Null(notes.Signed);
            Assert.Null(notes.Entry);
            Assert.Equal(new Mfn(0), notes.Frame);
            Assert.Null(notes.Flags);
            Assert.Equal(DemoKind.One, notes.Kind);
            Assert.Null(notes.Numbers);
            Assert.Null(notes.Words);
            Assert.False(notes.TryGetPair(out _));
            Assert.False(notes.TryGetWordPair(out _));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    public void Numbers_are_as_wide_as_their_descriptor(int size)
    {
        byte[] descriptor = _counted[..size];
        var notes = new DemoNotes(new FakeNotes("Demo").Add(5, descriptor).Add(7, descriptor).Add(8, descriptor).Add(10, descriptor));
        if (size is not (1 or 2 or 4 or 8))
        {
            Refused(() => notes.Wide, $"note Demo.WIDE: expected a descriptor of 1, 2, 4 or 8 bytes, found {size} bytes");
            Refused(() => notes.Signed, $"note Demo.SIGNED: expected a descriptor of 1, 2, 4 or 8 bytes, found {size} bytes");
            Refused(() => notes.Entry, $"note Demo.ENTRY: expected a descriptor of 1, 2, 4 or 8 bytes, found {size} bytes");
            Refused(() => notes.Frame, $"note Demo.FRAME: expected a descriptor of 1, 2, 4 or 8 bytes, found {size} bytes");
            return;
        }

        ulong number = 0x8807060504030201 & (ulong.MaxValue >> (64 - (8 * size)));
        Assert.Equal(number, notes.Wide);
        Assert.Equal(size == 8 ? unchecked((long)number) : (long)number, notes.Signed);
        Assert.Equal(new Vaddr(number), notes.Entry);
        Assert.Equal(new Mfn(number), notes.Frame);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Signs_are_extended(int size)
    {
        byte[] minusTwo = [0xfe, .. Enumerable.Repeat((byte)0xff, size - 1)];
        var notes = new DemoNotes(new FakeNotes("Demo").Add(6, minusTwo).Add(7, minusTwo));
        Assert.Equal(-2, notes.SignedSmall);
        Assert.Equal(-2, notes.Signed);
        byte[] bigMinusTwo = [.. minusTwo.Reverse()];
        Assert.Equal(-2, new BigNotes(new FakeNotes("Big").Add(2, bigMinusTwo)).Signed);
    }

    [Fact]
    public void Value_beyond_its_type_is_refused()
    {
        var notes = new DemoNotes(new FakeNotes("Demo")
            .Add(9, 0, 0, 0, 0, 1, 0, 0, 0)
            .Add(11, 0, 0, 1, 0)
            .Add(12, 0, 1));
        Refused(() => notes.NarrowPlace, "note Demo.NARROW_PLACE: expected a value that fits in paddr32, found 0x100000000");
        Refused(() => notes.Flags, "note Demo.FLAGS: expected a value that fits in demo_flags, found 0x10000");
        Refused(() => notes.Kind, "note Demo.KIND: expected a value that fits in demo_kind, found 0x100");

        notes = new DemoNotes(new FakeNotes("Demo").Add(9, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0).Add(11, 0xf, 0x80, 0, 0).Add(12, 2));
        Assert.Equal(new Paddr(0xffffffff), notes.NarrowPlace);
        Assert.Equal(DemoFlags.First | DemoFlags.Last | DemoFlags.Level, notes.Flags);
        Assert.Equal(DemoKind.Two, notes.Kind);
    }

    [Fact]
    public void Texts_end_at_their_nul_and_bytes_do_not()
    {
        var notes = new DemoNotes(new FakeNotes("Demo").Add(0, [.. "xen-3.0\0garbage"u8]).Add(1, 1, 0, 2));
        Assert.Equal("xen-3.0", notes.Text);
        Assert.Equal([1, 0, 2], notes.Blob.ToArray());
        Assert.Equal("no end", new DemoNotes(new FakeNotes("Demo").Add(0, [.. "no end"u8])).Text);
        Assert.Equal("", new DemoNotes(new FakeNotes("Demo").Add(0)).Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(15)]
    [InlineData(16)]
    public void Arrays_are_as_long_as_their_descriptor(int size)
    {
        byte[] descriptor = _counted[..size];
        foreach (WordSize word in new[] { WordSize.Bits32, WordSize.Bits64 })
        {
            var notes = new DemoNotes(new FakeNotes("Demo", word).Add(13, descriptor).Add(14, descriptor).Add(15, descriptor));
            int wordBytes = (int)word / 8;
            if (size % 4 == 0)
                Assert.Equal(Enumerable.Range(0, size / 4).Select(i => BitConverter.ToUInt32(descriptor, i * 4)), notes.Numbers!.Value);
            else
                Refused(() => notes.Numbers, $"note Demo.NUMBERS: expected numbers of 4 bytes, found {size} bytes");
            if (size % 2 == 0)
                Assert.Equal(Enumerable.Range(0, size / 2).Select(i => BitConverter.ToInt16(descriptor, i * 2)), notes.SignedNumbers!);
            else
                Refused(() => notes.SignedNumbers, $"note Demo.SIGNED_NUMBERS: expected numbers of 2 bytes, found {size} bytes");
            if (size % wordBytes == 0)
            {
                Func<int, ulong> read = wordBytes == 4 ? i => BitConverter.ToUInt32(descriptor, i * 4) : i => BitConverter.ToUInt64(descriptor, i * 8);
                Assert.Equal(Enumerable.Range(0, size / wordBytes).Select(read), notes.Words!);
            }
            else
            {
                Refused(() => notes.Words, $"note Demo.WORDS: expected numbers of {wordBytes} bytes, found {size} bytes");
            }
        }
    }

    [Fact]
    public void Structures_need_a_whole_descriptor()
    {
        for (int size = 0; size <= _counted.Length; size++)
        {
            foreach (WordSize word in new[] { WordSize.Bits32, WordSize.Bits64 })
            {
                var notes = new DemoNotes(new FakeNotes("Demo", word).Add(16, _counted[..size]).Add(17, _counted[..size]));
                int wordPair = word == WordSize.Bits32 ? 8 : 16;
                if (size < 4)
                {
                    Refused(
                        () => notes.TryGetPair(out _),
                        $"note Demo.PAIR: expected a descriptor of at least 4 bytes, found {size} bytes");
                }
                else
                {
                    Assert.True(notes.TryGetPair(out Pair pair));
                    Assert.Equal((0x0201, 0x0403), (pair.A, pair.B));
                }

                if (size < wordPair)
                {
                    Refused(
                        () => notes.TryGetWordPair(out _),
                        $"note Demo.WORD_PAIR: expected a descriptor of at least {wordPair} bytes, found {size} bytes");
                }
                else
                {
                    Assert.True(notes.TryGetWordPair(out WordPair pair));
                    Assert.Equal(word == WordSize.Bits32 ? 0x04030201u : 0x8807060504030201, pair.A);
                    Assert.Equal(word == WordSize.Bits32 ? 0x88070605u : 0x0c0b0a09u, pair.B);
                }
            }
        }
    }

    [Fact]
    public void Numbers_follow_the_byte_order_of_their_protocol()
    {
        var notes = new BigNotes(new FakeNotes("Big").Add(1, 0, 0, 1, 2).Add(3, 1, 2, 3, 4));
        Assert.Equal(0x102ul, notes.Amount);
        Assert.Equal([0x102, 0x304], notes.Numbers!.Value.Select(number => (int)number));
    }

    [Fact]
    public void Notes_of_a_pvh_kernel()
    {
        var notes = new XenNotes(new FakeNotes("Xen")
            .Add(XenNotes.Number.Phys32Entry, 0xa0, 0, 0, 1)
            .Add(XenNotes.Number.Phys32Reloc, 0, 0, 0x20, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0x7f)
            .Add(XenNotes.Number.VirtBase, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff)
            .Add(XenNotes.Number.Features, [.. "!writable_page_tables|pae_pgdir_above_4gb\0"u8])
            .Add(XenNotes.Number.SupportedFeatures, 1, 0x88, 0, 0)
            .Add(XenNotes.Number.L1MfnValid, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0));
        Assert.Equal(new Paddr(0x10000a0), notes.Phys32Entry);
        Assert.Equal([0x200000u, 0x1000000u, 0x7fffffffu], notes.Phys32Reloc!.Value);
        Assert.Equal(new Vaddr(0xffffffff80000000), notes.VirtBase);
        Assert.Equal("!writable_page_tables|pae_pgdir_above_4gb", notes.Features);
        Assert.Equal([1ul, 1ul], notes.L1MfnValid!.Value);
        Assert.Equal(0ul, notes.PaddrOffset);
        Assert.Null(notes.Entry);
    }

    private static void Refused<T>(Func<T> read, string message) =>
        Assert.Equal(message, Assert.Throws<BootFormatException>(() => { _ = read(); }).Message);
}
