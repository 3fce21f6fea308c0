using System.Buffers.Binary;
using System.Text;
using BootProtocol.Runtime.Tests.OwnSpecs.Unions;
using BootProtocol.Specs;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Rows that share a place, of which a number says which is meant.</summary>
public sealed class UnionTests
{
    private const int Kind = 1;
    private const int Flags = 2;
    private const int Place = 4;
    private const int Tag = 10;
    private const int Pair = 12;
    private const int Form = 16;

    /// <summary>By the rules in words, from random bytes: properties, and the record that is read by the table.</summary>
    [Fact]
    public void Number_says_which_row_is_meant()
    {
        Gen.Byte.Array[UnionThing.Layout.Size].Sample(bytes =>
        {
            bytes[Kind] %= 9;
            UnionThing thing = UnionThing.Parse(bytes);
            SpecRecord record = SpecReader.Read(UnionThing.Layout.Info, bytes);
            uint? number = bytes[Kind] == 1 ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(Place)) : null;
            Assert.Equal(number, thing.Number);
            Assert.Equal(number is not null, record.Find("number") is not null);

            Assert.Equal(bytes[Kind] == 2, thing.TryGetPart(out UnionPart part));
            Assert.Equal(bytes[Kind] == 2, record.Find("part") is not null);
            if (bytes[Kind] == 2)
                Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(Place + 2)), part.B);

            Assert.Equal(bytes[Kind] == 7, record.Find("text") is not null);
            Assert.Equal(bytes[Kind] == 7 ? FieldText.Cut(bytes.AsSpan(Place, 6)).ToArray() : [], thing.Text.ToArray());
            Assert.Equal(bytes[Place], thing.Raw[0]);

            bool isLow = bytes[Tag] < 100;
            Assert.Equal(isLow ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(Pair)) : null, thing.Low);
            Assert.Equal(!isLow, thing.TryGetHigh(out ValueList<ushort> high));
            if (!isLow)
                Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(Pair + 2)), high[1]);

            int flags = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(Flags));
            Assert.Equal(((flags >> 3) & 3) == 2 ? bytes[Form] : 5, thing.Form);
            Assert.Equal((flags & 0x8000) != 0 ? bytes[Form] : null, thing.Extra);
            Assert.Equal((flags & 0x8000) != 0, record.Find("extra") is not null);
        });
    }

    /// <summary>A number that a version lacks counts as its <c>else</c>.</summary>
    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 2, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 3, null)]
    public void Number_that_is_absent_counts_as_its_else(ushort version, ushort kind, bool? isOne)
    {
        byte[] bytes = new byte[UnionVersions.Layout.Size];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, version);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), kind);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 77);
        UnionVersions view = UnionVersions.Parse(bytes);
        Assert.Equal((isOne == true ? 77u : null, isOne == false ? 77u : null), ((uint?)view.One, (uint?)view.Two));
        SpecRecord record = SpecReader.Read(UnionVersions.Layout.Info, bytes);
        Assert.Equal((isOne == true, isOne == false), (record.Find("one") is not null, record.Find("two") is not null));
    }

    /// <summary>Which member is meant may be written before or after the member itself.</summary>
    [Fact]
    public void Every_member_can_be_written()
    {
        byte[] bytes = new byte[UnionThing.Layout.Size];
        UnionThing.Writer thing = UnionThing.Create(bytes);
        UnionHead.Writer head = thing.Head;
        UnionPart.Writer written = thing.Part;
        written.B = 0x1234;
        head.Kind = UnionKind.Part;
        Assert.True(thing.AsView().TryGetPart(out UnionPart part));
        Assert.Equal(0x1234, part.B);
        head.Kind = UnionKind.Text;
        thing.SetText("abc");
        Assert.Equal("abc", Encoding.ASCII.GetString(thing.AsView().Text));
    }

    /// <summary>Rules of the row that is meant count; those of the others do not.</summary>
    [Theory]
    [InlineData(UnionKind.Part, 1)]
    [InlineData(UnionKind.Number, 0)]
    public void Rules_of_the_row_that_is_meant_are_checked(UnionKind kind, int broken)
    {
        byte[] bytes = new byte[UnionThing.Layout.Size];
        UnionThing.Writer thing = UnionThing.Create(bytes);
        UnionHead.Writer head = thing.Head;
        UnionPart.Writer part = thing.Part;
        head.Kind = kind;
        part.A = 10;
        IReadOnlyList<ParseError> faults = thing.AsView().Validate();
        Assert.Equal(broken, faults.Count);
        if (broken > 0)
            Assert.Equal("union_part.a at offset 0x4: expected 1 to 9, found 0xa", faults[0].ToString());
    }
}
