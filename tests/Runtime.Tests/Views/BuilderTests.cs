using System.Text;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.OwnSpecs.Sequences;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Structures of varying size that are written row by row, and read back: what counts rows is filled in.</summary>
public sealed class BuilderTests
{
    private static readonly Gen<byte[]> _value = Gen.Byte.Array[0, 40];

    /// <summary>Text without NULs, which would end it.</summary>
    private static readonly Gen<string> _text = Gen.Char['a', 'z'].Array[0, 20].Select(static characters => new string(characters));

    /// <summary>A tag, a body that it chooses and its length: boxes in boxes, points, texts, the user's bytes, and bytes of unknown tags.</summary>
    private static readonly Gen<Thing> _thing = Gen.Recursive<Thing>((depth, inner) => Gen.OneOf(
        _text.Select(static text => new Thing(BoxKind.Name, Text: text)),
        Gen.Select(Gen.UShort, Gen.UShort).Select(static point => new Thing(BoxKind.Point, X: point.Item1, Y: point.Item2)),
        Gen.Select(Gen.Int[0, 4], Gen.UShort).Select(static trail => new Thing(BoxKind.Trail, X: (ushort)trail.Item1, Y: trail.Item2)),
        Gen.Select(Gen.Byte[5, 255], _value).Select(static own => new Thing((BoxKind)own.Item1, Bytes: own.Item2)),
        depth < 4 ? inner.Select(static box => new Thing(BoxKind.Box, Inner: box)) : _text.Select(static text => new Thing(BoxKind.Name, Text: text))));

    [Fact]
    public void Tagged_bodies_are_read_as_they_were_written() => _thing.Sample(
        thing =>
        {
            byte[] buffer = [.. Enumerable.Repeat((byte)0xaa, 300)];
            Span<byte> written = Write(buffer, thing);
            Read(Box.Parse(written), thing);
            Assert.Equal(0xaa, buffer[written.Length]);
        },
        iter: 3_000);

    [Fact]
    public void Rows_of_every_kind_are_read_as_they_were_written() => Gen.Select(_text, _value, Gen.UShort.Array[0, 6], _text, Gen.UShort).Sample(
        (name, value, places, label, sum) =>
        {
            Span<byte> buffer = stackalloc byte[512];
            buffer.Fill(0xcc);
            Bundle.Builder bundle = Bundle.Build(buffer);
            bundle.SetName(name);
            bundle.SetValue(value.Length == 0 ? [1, 2] : value);
            foreach (ushort place in places)
            {
                Point.Writer point = Point.Create(bundle.AddPlaces());
                point.X = place;
                point.Y = (ushort)~place;
            }

            // One is built where it goes, the next elsewhere.
            for (int i = 0; i < places.Length; i++)
            {
                Label.Builder one = Label.Build(i % 2 == 0 ? bundle.RoomForLabels() : new byte[64]);
                one.SetText($"{label}{places[i]}");
                bundle.AddLabels(one.Finish());
            }

            Label.Builder last = Label.Build(bundle.RoomForLast());
            last.SetText(label);
            bundle.SetLast(last.Finish());
            bundle.SetSum(sum);

            Bundle view = Bundle.Parse(bundle.Finish());
            Assert.Equal((places.Length, name.Length), (view.Points, view.NameLength));
            Assert.Equal(name, Encoding.UTF8.GetString(view.Name));
            Assert.Equal(value.Length == 0 ? [1, 2] : value, view.Value.ToArray());
            for (int i = 0; i < places.Length; i++)
                Assert.Equal((places[i], (ushort)~places[i]), (view.Places[i].X, view.Places[i].Y));
            int at = 0;
            foreach (Label one in view.Labels)
                Assert.Equal($"{label}{places[at++]}", Encoding.UTF8.GetString(one.Text));
            Assert.Equal(places.Length, at);
            Assert.Equal(label, Encoding.UTF8.GetString(view.Last.Text));
            Assert.Equal(sum, view.Sum);
        },
        iter: 2_000);

    /// <summary>Tags that say how long they are, each filled up to 8 bytes, up to a last one.</summary>
    [Fact]
    public void Sequence_with_a_last_element_is_read_as_it_was_written() => _value.Array[0, 5].Sample(
        bodies =>
        {
            Chain.Builder chain = Chain.Build(new byte[512]);
            chain.Fixed().Marker = 0x1234;
            uint type = (uint)bodies.Length;
            foreach (byte[] body in bodies)
                chain.AddTags(Made(type--, body));
            chain.AddTags(Made(0, []));
            chain.SetAfter(0x5678);
            Chain view = Chain.Parse(chain.Finish());
            Assert.Equal((0x1234, 0x5678), (view.Marker, view.After));
            int at = 0;
            foreach (Tag tag in view.Tags)
                Assert.Equal(at < bodies.Length ? bodies[at++] : [], tag.Body.ToArray());
            Assert.Equal(bodies.Length, at);
        },
        iter: 1_000);

    [Theory]
    [InlineData(WordSize.Bits32)]
    [InlineData(WordSize.Bits64)]
    public void Numbers_of_the_guests_word_size_are_read_as_they_were_written(WordSize word) => Gen.UInt.Array[0, 20].Sample(
        numbers =>
        {
            ulong[] words = [.. numbers.Select(static number => (ulong)number)];
            Guest.Builder guest = Guest.Build(new byte[256], word);
            guest.SetWords(words);
            guest.SetLast(9);
            Span<byte> written = guest.Finish();
            Assert.Equal(0, written.Length % (word == WordSize.Bits32 ? 4 : 8));
            Guest view = Guest.Parse(written, word);
            Assert.Equal(words, view.Words.ToArray());
            Assert.Equal((words.Length, 9), (view.Head.X, view.Last));
        },
        iter: 500);

    [Fact]
    public void Numbers_of_both_byte_orders_are_stored_as_the_rows_say()
    {
        Mixed.Builder mixed = Mixed.Build(new byte[64]);
        mixed.Fixed().Little = 0x0102;
        mixed.Fixed().SetList(0, 0x03040506);
        mixed.SetNumbers([1, 0x0807060504030201]);
        Assert.Equal("0002" + "0201" + "03040506" + "0000000000000001" + "0807060504030201", Convert.ToHexStringLower(mixed.Finish()));
    }

    /// <summary>Steps that end by themselves, with texts that end with a byte.</summary>
    [Fact]
    public void What_is_as_large_as_it_says_is_read_as_it_was_written() => Gen.Select(Gen.Int[1, 2], _text, Gen.UShort).Array[0, 6].Sample(
        all =>
        {
            Steps.Builder steps = Steps.Build(new byte[512]);
            foreach ((int kind, string text, ushort number) in all)
            {
                Step.Builder step = Step.Build(steps.RoomForAll());
                if (kind == 1)
                {
                    Point.Create(step.RoomForBody()).X = number;
                    step.SetBody(1, step.RoomForBody()[..Point.Layout.Size]);
                }
                else
                {
                    Named.Builder named = Named.Build(step.RoomForBody());
                    named.SetFirst(text);
                    named.SetAfter((byte)number);
                    step.SetBody(2, named.Finish());
                }

                steps.AddAll(step.Finish());
            }

            steps.AddAll(Step.Build(steps.RoomForAll()).Finish());
            steps.SetAfter(7);
            Steps view = Steps.Parse(steps.Finish());
            int at = 0;
            foreach (Step step in view.All)
            {
                if (step.Body.TryGetPoint(out Point point, out _))
                    Assert.Equal((1, all[at++].Item3), (step.Kind, point.X));
                else if (step.Body.TryGetNamed(out Named named, out _))
                    Assert.Equal((all[at].Item2, (byte)all[at++].Item3), (Encoding.ASCII.GetString(named.First), named.After));
            }

            Assert.Equal((all.Length, 7), (at, view.After));
        },
        iter: 1_000);

    [Fact]
    public void Numbers_that_are_digits_are_filled_in_too()
    {
        Digits.Builder digits = Digits.Build(new byte[64]);
        digits.Fixed().Kind = 1;
        digits.SetData(new byte[0x1b]);
        digits.SetRest([5, 6]);
        Span<byte> written = digits.Finish();
        Assert.Equal("1b1\0"u8, written[..4]);
        Assert.Equal((0x1bUL, 1UL, 2UL), (Digits.Parse(written).Size, Digits.Parse(written).Kind, Digits.Parse(written).More));
        Assert.Equal("digits.size at offset 0x0: expected 2 hexadecimal digits, found \"1x\"", Error("1x1"u8));
        Assert.Equal("size has 2 digits. (Parameter 'value')\nActual value was 256.", Assert.Throws<ArgumentOutOfRangeException>(
            static () => Digits.Create(new byte[8]).Size = 256).Message.ReplaceLineEndings("\n"));

        static string Error(ReadOnlySpan<byte> bytes) => Digits.TryParse(bytes, out _, out ParseError error) ? "" : error.ToString();
    }

    /// <summary>ELF notes, against the reader that walks them in kernels.</summary>
    [Fact]
    public void Elf_notes_are_read_as_they_were_written() => Gen.Select(_text, _value, Gen.UInt).Array[0, 6].Sample(
        notes =>
        {
            ElfNotes.Builder all = ElfNotes.Build(new byte[1024]);
            foreach ((string owner, byte[] descriptor, uint type) in notes)
            {
                ElfNote.Builder note = ElfNote.Build(all.RoomForNotes());
                NoteHeader.Writer header = note.Fixed().Header;
                header.Type = type;
                note.SetOwner($"{owner}\0");
                note.SetDescriptor(descriptor);
                all.AddNotes(note.Finish());
            }

            int at = 0;
            foreach (ElfNote note in ElfNotes.Parse(all.Finish()).Notes)
            {
                (string owner, byte[] descriptor, uint type) = notes[at++];
                Assert.Equal((owner, type), (Encoding.ASCII.GetString(note.Owner), note.Header.Type));
                Assert.Equal(descriptor, note.Descriptor.ToArray());
            }

            Assert.Equal(notes.Length, at);
        },
        iter: 1_000);

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Equal("label needs 6 bytes, but there is room for 5. (Parameter 'size')", Assert.Throws<ArgumentException>(() =>
        {
            Label.Builder label = Label.Build(new byte[5]);
            label.SetText("hello"u8);
        }).Message);
        Assert.Equal("label.length: expected at most 255, found 256", Assert.Throws<BootRequestException>(() =>
        {
            Label.Builder label = Label.Build(new byte[300]);
            label.SetText(new byte[256]);
            label.Finish();
        }).Message);
        Assert.Equal(
            "trail.pair has room for 2, not for 3. (Parameter 'count')",
            Assert.Throws<ArgumentException>(() => Trail.Build(new byte[64]).SetPair([1, 2, 3])).Message);
    }

    [Fact]
    public void Rows_are_written_in_order_and_once()
    {
        Assert.Contains("rows are written in order", Assert.Throws<InvalidOperationException>(() =>
        {
            Bundle.Builder bundle = Bundle.Build(new byte[64]);
            bundle.SetValue("v"u8);
            bundle.SetName("n"u8);
        }).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() =>
        {
            Box.Builder box = Box.Build(new byte[64]);
            box.SetBody(BoxKind.Name, "v"u8);
            box.SetBody(BoxKind.Name, "n"u8);
        });
    }

    /// <summary>What a structure cannot say is found by reading it back: two rows by one number, a size that is computed, no last element.</summary>
    [Fact]
    public void What_would_be_read_otherwise_is_refused()
    {
        Assert.Equal(BootErrorCode.NotAllowed, Assert.Throws<BootRequestException>(() =>
        {
            Bundle.Builder bundle = Bundle.Build(new byte[64]);
            bundle.SetValue("value"u8);
            Point.Create(bundle.AddPlaces());
            bundle.SetLast([0]);
            bundle.SetSum(1);
            bundle.Finish();
        }).Code);
        const string Other = "window: expected numbers that say how large the rows are that were written, found other numbers";
        Assert.Equal(Other, Assert.Throws<BootRequestException>(() =>
        {
            Window.Builder window = Window.Build(new byte[64]);
            window.Fixed().Units = 1;
            window.AddLabels([2, 1, 2]);
            window.SetRest([7]);
            window.Finish();
        }).Message);
        Assert.Contains("tag at offset 0x12: expected at least 8 bytes", Assert.Throws<BootRequestException>(() =>
        {
            Chain.Builder chain = Chain.Build(new byte[64]);
            chain.AddTags(Made(1, []));
            chain.Finish();
        }).Message, StringComparison.Ordinal);
    }

    private static byte[] Made(uint type, ReadOnlySpan<byte> body)
    {
        Tag.Builder tag = Tag.Build(new byte[64]);
        tag.Fixed().Type = type;
        tag.SetBody(body);
        return tag.Finish().ToArray();
    }

    private static Span<byte> Write(Span<byte> bytes, Thing thing)
    {
        Box.Builder box = Box.Build(bytes);
        switch (thing.Kind)
        {
            case BoxKind.Name:
                box.SetBody(BoxKind.Name, Encoding.ASCII.GetBytes(thing.Text));
                break;
            case BoxKind.Trail:
                Trail.Builder trail = Trail.Build(box.RoomForBody());
                for (int i = 0; i <= thing.X; i++)
                    Point.Create(trail.AddPoints()).X = i == thing.X ? (ushort)0xff : (ushort)i;
                trail.SetPair([(byte)thing.Y, 7]);
                box.SetBody(BoxKind.Trail, trail.Finish());
                break;
            case BoxKind.Box:
                box.SetBody(BoxKind.Box, Write(box.RoomForBody(), thing.Inner!));
                break;
            case BoxKind.Point:
                Point.Writer point = Point.Create(box.RoomForBody());
                point.X = thing.X;
                point.Y = thing.Y;
                box.SetBody(BoxKind.Point, point.AsView().AsSpan());
                break;
            default:
                box.SetBody(thing.Kind, thing.Bytes);
                break;
        }

        box.SetCheck((byte)(thing.Kind + 1));
        return box.Finish();
    }

    private static void Read(Box box, Thing thing)
    {
        Assert.Equal((thing.Kind, (byte)(thing.Kind + 1)), (box.Kind, box.Check));
        Assert.Equal(box.Length, box.Body.AsSpan().Length);
        switch (thing.Kind)
        {
            case BoxKind.Name:
                Assert.True(box.Body.TryGetName(out ReadOnlySpan<byte> name));
                Assert.Equal(thing.Text, Encoding.ASCII.GetString(name));
                break;
            case BoxKind.Trail:
                Assert.True(box.Body.TryGetTrail(out Trail trail, out _));
                Assert.Equal((thing.X + 1, (byte)thing.Y), (trail.Points.Count, trail.Pair[0]));
                break;
            case BoxKind.Box:
                Assert.True(box.Body.TryGetInner(out Box inner, out _));
                Read(inner, thing.Inner!);
                break;
            case BoxKind.Point:
                Assert.True(box.Body.TryGetPoint(out Point point, out _));
                Assert.Equal((thing.X, thing.Y), (point.X, point.Y));
                break;
            default:
                Assert.Equal((byte)thing.Kind <= 9, box.Body.TryGetMine(out ReadOnlySpan<byte> own));
                Assert.Equal(thing.Bytes, box.Body.AsSpan().ToArray());
                Assert.True(own.IsEmpty || own.SequenceEqual(thing.Bytes));
                break;
        }
    }

    private sealed record Thing(BoxKind Kind, string Text = "", ushort X = 0, ushort Y = 0, byte[]? Bytes = null, Thing? Inner = null);
}
