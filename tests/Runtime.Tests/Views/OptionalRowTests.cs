using System.Buffers.Binary;
using System.Text;
using BootProtocol.Runtime.Tests.OwnSpecs.Sequences;
using BootProtocol.Specs;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Rows that are there or not by bits and numbers above them, and numbers of varying size, against bytes that are put together by hand.</summary>
public sealed class OptionalRowTests
{
    private const int Pause = 0;
    private const int OnePoint = 1;
    private const int TwoTexts = 2;

    private static readonly Gen<string> _text = Gen.Char['a', 'z'].Array[0, 9].Select(static characters => new string(characters));

    private static readonly Gen<Model> _model = Gen.Select(
        Gen.Select(Gen.Byte, Gen.Byte[0, 7], Gen.Byte.Array[0, 20], _text),
        Gen.Select(Gen.UShort, Gen.ULong, Gen.UShort, Gen.UInt.Array[0, 300], _text),
        Gen.Select(Gen.ULong, Gen.UInt[0, 0xffffff])).Select(static (first, second, third) => new Model(
            (OptionFlags)first.Item1,
            first.Item2,
            first.Item3,
            first.Item4,
            second.Item1,
            second.Item2,
            second.Item3,
            second.Item4,
            second.Item5,
            third.Item1 >> (int)(third.Item1 & 63),
            third.Item2));

    [Fact]
    public void Rows_are_there_where_bits_and_numbers_say_so() => _model.Sample(model =>
    {
        byte[] bytes = Encode(model);
        Options view = Options.Parse([.. bytes, 0xff]);
        Assert.Equal(bytes.Length, view.AsSpan().Length);
        Assert.Equal(Has(model, OptionFlags.Extra) ? (ushort)model.Extra.Length : null, view.ExtraLength);
        Assert.Equal(Has(model, OptionFlags.Extra) ? model.Extra : [], view.Extra.ToArray());
        Assert.Equal(Has(model, OptionFlags.Name) ? model.Name : "", Encoding.UTF8.GetString(view.Name));
        Assert.Equal(HasLevel(model) ? model.Level : (ushort)7, view.Level);
        Assert.Equal(Size(model) is 0 ? 9 : Size(model), view.Size);
        Assert.Equal(1UL << Width(model), view.Width);
        Assert.Equal(Has(model, OptionFlags.Point), view.TryGetPlace(out Point place));
        if (Has(model, OptionFlags.Point))
            Assert.Equal(model.Place, place.X);
        Assert.Equal((ulong)model.Words.Length, view.Count);
        Assert.Equal(Has(model, OptionFlags.Words) ? model.Words : [], view.Words.ToArray());
        Assert.Equal(Has(model, OptionFlags.Label), view.TryGetText(out Label text));
        if (Has(model, OptionFlags.Label))
            Assert.Equal(model.Text, Encoding.UTF8.GetString(text.Text));
        int more = 0;
        foreach (Label label in view.More)
            Assert.Equal($"{model.Text}{more++}", Encoding.UTF8.GetString(label.Text));
        Assert.Equal(Width(model), more);
        Assert.Equal(Has(model, OptionFlags.Body) && Width(model) != Pause, view.TryGetStep(out OptionBody step));
        if (Has(model, OptionFlags.Body) && Width(model) == OnePoint)
            Assert.True(step.TryGetPoint(out Point point, out _) && point.X == model.Place);
        Assert.Equal(model.Version == 3 ? model.Last : 5, view.Last);
        Assert.Equal(model.Sum, view.Sum);
    });

    [Fact]
    public void Builder_writes_the_rows_that_it_is_given_and_sets_their_bits() => _model.Sample(model =>
    {
        Options.Builder options = Options.Build(new byte[4096]);
        options.Fixed().Flags = (OptionFlags)((int)model.Flags & 0xc);
        options.Fixed().Version = model.Version == 3 ? (byte)0 : model.Version;
        if (Has(model, OptionFlags.Extra))
            options.SetExtra(model.Extra);
        if (Has(model, OptionFlags.Name))
            options.SetName(model.Name);
        if (HasLevel(model))
            options.SetLevel(model.Level);
        options.SetSize(1 << Width(model), Size(model));
        if (Has(model, OptionFlags.Point))
            Point.Create(options.SetPlace()).X = model.Place;
        options.SetCount((ulong)model.Words.Length);
        if (Has(model, OptionFlags.Words))
            options.SetWords(model.Words);
        if (Has(model, OptionFlags.Label))
            options.SetText(Labelled(model.Text));
        for (int i = 0; i < Width(model); i++)
            options.AddMore(Labelled($"{model.Text}{i}"));
        if (Has(model, OptionFlags.Body))
            options.SetStep((byte)Width(model), Step(model));
        if (model.Version == 3)
            options.SetLast(model.Last);
        options.SetSum(model.Sum);
        Assert.Equal(Convert.ToHexStringLower(Encode(model)), Convert.ToHexStringLower(options.Finish()));
    });

    /// <summary>The reader of tables finds the same rows as the view.</summary>
    [Fact]
    public void Tables_read_the_same_rows() => _model.Sample(model =>
    {
        byte[] bytes = Encode(model);
        SpecRecord record = SpecReader.Read(Options.Layout.Info, bytes);
        Assert.False(record.Fault.IsError, record.Fault.ToString());
        Assert.Equal(bytes.Length, record.Length);
        Assert.Equal(Has(model, OptionFlags.Extra), record.Find("extra_length") is not null);
        Assert.Equal(Has(model, OptionFlags.Name), record.Find("name") is not null);
        Assert.Equal(HasLevel(model), record.Find("level") is not null);
        Assert.Equal($"{(Size(model) == 0 ? 9 : Size(model))}", record.Find("size")!.Value.ToString());
        Assert.Equal(Size(model) == 0, record.Find("size")!.IsZeroStandIn);
        Assert.Equal($"{model.Words.Length}", record.Find("count")!.Value.ToString());
        Assert.Equal(model.Version == 3 ? $"{model.Last}" : null, record.Find("last")?.Value.ToString());
        Assert.Equal($"{model.Sum}", record.Find("sum")!.Value.ToString());
        Assert.Equal(1UL << Width(model), record.Computed.Single().Value);
    });

    /// <summary>Each cut is refused, by the view and by the tables, at the same place.</summary>
    [Fact]
    public void Every_cut_is_refused() => _model.Sample(
        model =>
        {
            byte[] bytes = Encode(model);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(Options.TryParse(bytes.AsSpan(0, length), out _, out ParseError error));
                SpecRecord record = SpecReader.Read(Options.Layout.Info, bytes.AsSpan(0, length));
                Assert.Equal((error.Code, error.Field, error.Offset), (record.Fault.Code, record.Fault.Field, record.Fault.Offset));
            }
        },
        iter: 30);

    [Theory]
    [InlineData("00 00 05 80", BootErrorCode.Truncated)]
    [InlineData("00 00 05 80 00", BootErrorCode.BadValue)]
    [InlineData("00 00 05 ff ff ff ff ff ff ff ff ff 02", BootErrorCode.BadValue)]
    [InlineData("00 00 05 ff ff ff ff ff ff ff ff ff ff 00", BootErrorCode.BadValue)]
    [InlineData("00 00 05 ff ff ff ff ff ff ff ff ff 01", BootErrorCode.None)]
    public void Numbers_of_7_bits_a_byte_are_as_short_as_they_can_be(string digits, BootErrorCode code)
    {
        byte[] bytes = [.. Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal)), 0, 0, 0];
        int length = code == BootErrorCode.Truncated ? bytes.Length - 3 : bytes.Length;
        Assert.Equal(code == BootErrorCode.None, Options.TryParse(bytes.AsSpan(0, length), out Options view, out ParseError error));
        Assert.Equal(code, error.Code);
        if (error.IsError)
            Assert.Equal(("options", "count", 3L), (error.Structure, error.Field, error.Offset));
        else
            Assert.Equal(ulong.MaxValue, view.Count);
    }

    private static bool Has(Model model, OptionFlags flag) => (model.Flags & flag) != 0;

    private static bool HasLevel(Model model) => model.Version is >= 3 and <= 5;

    private static int Width(Model model) => ((int)model.Flags >> 2) & 3;

    private static ulong Size(Model model) => model.Size & (ulong.MaxValue >> (64 - (8 << Width(model))));

    private static byte[] Labelled(string text) => [.. LengthOf(text), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] LengthOf(string text) => [(byte)text.Length];

    private static byte[] Step(Model model) => Width(model) switch
    {
        Pause => [],
        OnePoint => Half(model.Place, 4),
        TwoTexts => [(byte)'a', 0, 3, 1],
        _ => Labelled("tea"),
    };

    private static byte[] Half(uint value, int size)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes[..size];
    }

    private static byte[] Encode(Model model)
    {
        var bytes = new List<byte> { (byte)model.Flags, model.Version };
        if (Has(model, OptionFlags.Extra))
            bytes.AddRange([(byte)(model.Extra.Length >> 8), (byte)model.Extra.Length, .. model.Extra]);
        if (Has(model, OptionFlags.Name))
            bytes.AddRange([.. Encoding.UTF8.GetBytes(model.Name), 0]);
        if (HasLevel(model))
        {
            Align(bytes, 2);
            bytes.AddRange(Half(model.Level, 2));
        }

        for (int i = 0; i < 1 << Width(model); i++)
            bytes.Add((byte)(Size(model) >> (8 * i)));
        if (Has(model, OptionFlags.Point))
        {
            Align(bytes, 4);
            bytes.AddRange(Half(model.Place, 4));
        }

        Leb128(bytes, (ulong)model.Words.Length);
        if (Has(model, OptionFlags.Words))
        {
            Align(bytes, 4);
            foreach (uint word in model.Words)
                bytes.AddRange(Half(word, 4));
        }

        if (Has(model, OptionFlags.Label))
            bytes.AddRange(Labelled(model.Text));
        for (int i = 0; i < Width(model); i++)
            bytes.AddRange(Labelled($"{model.Text}{i}"));
        if (Has(model, OptionFlags.Body))
            bytes.AddRange(Step(model));
        if (model.Version == 3)
            Leb128(bytes, model.Last);
        bytes.AddRange(Half(model.Sum, 3));
        return [.. bytes];
    }

    private static void Align(List<byte> bytes, int step)
    {
        while (bytes.Count % step != 0)
            bytes.Add(0);
    }

    private static void Leb128(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    private sealed record Model(
        OptionFlags Flags, byte Version, byte[] Extra, string Name, ushort Level, ulong Size, ushort Place, uint[] Words, string Text, ulong Last, uint Sum);
}
