using System.Text;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.OwnSpecs.Sequences;
using BootProtocol.Specs;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Structures of varying size: the view, the reader of tables, and the same read by hand.</summary>
public sealed class SequenceTests
{
    /// <summary>Small numbers above all: large ones lead out of the bytes at once.</summary>
    private static readonly Gen<byte[]> _bytes = Gen.OneOf(Gen.Byte[0, 5], Gen.Byte[0, 5], Gen.Byte, Gen.Const((byte)0xff)).Array[0, 80];

    public static TheoryData<string> Structures =>
    [
        "label", "tag", "chain", "bundle", "window", "guest32", "guest64", "trail", "box", "mixed", "named", "step", "steps", "digits",
        "room32", "room64", "elf_notes",
    ];

    [Theory]
    [MemberData(nameof(Structures))]
    public void View_reads_what_the_table_says(string name) => _bytes.Sample(
        bytes =>
        {
            string seen = See(name, bytes, out int length, out ParseError error);
            (SpecStructure structure, WordSize word) = Table(name);
            SpecRecord record = SpecReader.Read(structure, bytes, word);
            Assert.Equal(Short(record.Fault), Short(error));
            if (error.IsError)
                return;
            Assert.Equal(Spell(record), seen);
            Assert.Equal(record.Length, length);
        },
        iter: 3_000);

    [Fact]
    public void Parts_are_where_a_reader_by_hand_finds_them() => _bytes.Sample(
        bytes =>
        {
            string? byHand = ByHand(bytes);
            string seen = See("bundle", bytes, out int length, out ParseError error);
            Assert.Equal(byHand is null, error.IsError);
            if (byHand is not null)
                Assert.Equal(byHand, $"{seen}{length}");
        },
        iter: 10_000);

    [Fact]
    public void Broken_element_ends_the_walk_with_its_place()
    {
        byte[] window = [2, 1, (byte)'a', 2, (byte)'b', (byte)'c', 9, 0, 0, 0, 0, 0];
        Window view = Window.Parse(window);
        ViewSequence<Label>.Reader labels = view.Labels.Read();
        Assert.True(labels.MoveNext());
        Assert.Equal("a"u8, labels.Current.Text);
        Assert.Equal(0, labels.Offset);
        Assert.True(labels.MoveNext());
        Assert.Equal(2, labels.Offset);
        Assert.False(labels.MoveNext());
        Assert.Equal(("label", "text", 7L, BootErrorCode.Truncated), (labels.Error.Structure, labels.Error.Field, labels.Error.Offset, labels.Error.Code));
        Assert.False(labels.MoveNext());

        BootFormatException thrown = Assert.Throws<BootFormatException>(() =>
        {
            foreach (Label label in Window.Parse(window).Labels)
                _ = label.Text;
        });
        Assert.Equal(labels.Error.ToException().Message, thrown.Message);
    }

    [Theory]
    [InlineData("tag", "00000000 07000000", "tag.size at offset 0x4: expected a structure of at least 8 bytes, found one of 7 bytes")]
    [InlineData("tag", "00000000 09000000", "tag.size at offset 0x4: expected 9 bytes, found 8 bytes")]
    [InlineData("chain", "0100 000000000000 0100000008000000", "chain.tags at offset 0x10: expected an element with type = 0, found none")]
    [InlineData("chain", "0100 000000000000 0000000008000000", "chain.after at offset 0x10: expected 2 bytes, found 0 bytes")]
    [InlineData("chain", "0100 000000000000 0100000008000000 0500000001000000",
        "tag.size at offset 0x14: expected a structure of at least 8 bytes, found one of 1 bytes")]
    [InlineData("window", "00", "window.room at offset 0x0: expected fields of which units * 4 - 2 is a number of 64 bits, found others")]
    [InlineData("window", "01 00 00 ffff", "window.rest at offset 0x4: expected whole elements of 4 bytes, found 1 bytes")]
    [InlineData("window", "02 00", "window.labels at offset 0x1: expected 6 bytes, found 1 bytes")]
    [InlineData("bundle", "02 00 01 00 0000 0000 0000 0000 00 00", "bundle.last at offset 0xe: expected 1 elements, found 0")]
    [InlineData("bundle", "01 00 01 00 0000 0000 05 00", "label.text at offset 0x9: expected 5 bytes, found 1 bytes")]
    [InlineData("guest64", "ffff0000 00", "guest.words at offset 0x5: expected 524280 bytes, found 0 bytes")]
    [InlineData("named", "61 62", "named.first at offset 0x0: expected a byte 0 at the end, found none in 2 bytes")]
    [InlineData("step", "09", "step_body at offset 0x1: expected a number that chooses something, found 9")]
    [InlineData("step", "01 0000", "point at offset 0x3: expected at least 4 bytes, found 2 bytes")]
    [InlineData("steps", "01 00000000", "steps.all at offset 0x5: expected an element with kind = 0, found none")]
    [InlineData("trail", "0100 0000", "trail.points at offset 0x4: expected an element with x = 255, found none")]
    public void What_is_broken_is_said_in_one_line(string name, string hex, string expected)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        _ = See(name, bytes, out _, out ParseError error);
        Assert.Equal(expected, error.ToString());
    }

    /// <summary>What was not chosen is no error; what was chosen, and is broken, has the error with its place in the outermost structure.</summary>
    [Fact]
    public void Choice_says_what_it_is_and_what_is_wrong_with_it()
    {
        Box box = Box.Parse([3, 6, 3, 4, 4, 3, 1, 2, 7]);
        Assert.Equal(BoxBodyKind.Inner, box.Body.Kind);
        Assert.Equal(BoxKind.Box, box.Body.Tag);
        Assert.False(box.Body.TryGetPoint(out _, out ParseError error));
        Assert.False(error.IsError);
        Assert.False(box.Body.TryGetInner(out _, out error));
        Assert.Equal("box.check at offset 0x8: expected 1 bytes, found 0 bytes", error.ToString());
        Assert.Equal(7, box.Check);
        Assert.Equal([3, 4, 4, 3, 1, 2], box.Body.AsSpan().ToArray());
    }

    /// <summary>Boxes in boxes, deeper than a reader of tables follows them: it ends there, and has not used up its stack.</summary>
    [Fact]
    public void What_chooses_itself_over_and_over_has_an_end()
    {
        byte[] bytes = new byte[255];
        for (int i = 0; i + 2 < bytes.Length; i += 2)
            (bytes[i], bytes[i + 1]) = (3, (byte)Math.Max(0, bytes.Length - (3 * i / 2) - 3));
        SpecRecord record = SpecReader.Read(OwnSpecs.SpecCatalog.FindStructure("box")!, bytes);
        Assert.Equal(BootErrorCode.TooLarge, record.Fault.Code);
        Assert.Equal("box.body at offset 0x82: expected at most 64 structures in each other, found more", record.Fault.ToString());
    }

    [Fact]
    public void Structures_inside_of_others_take_what_fills_them_up()
    {
        byte[] bytes = [3, 0, 0, 0, 0, 0, 0, 0, .. Tag(7, 13), .. Tag(0, 8), 0x34, 0x12];
        Chain view = Chain.Parse(bytes);
        Assert.Equal(0x1234, view.After);
        var lengths = new List<int>();
        foreach (Tag tag in view.Tags)
            lengths.Add(tag.AsSpan().Length);
        Assert.Equal([13, 8], lengths);

        static byte[] Tag(byte type, byte size) => [type, 0, 0, 0, size, 0, 0, 0, .. new byte[((size + 7) & ~7) - 8]];
    }

    /// <summary>A walk allocates nothing, whatever it is written with.</summary>
    [Fact]
    public void Walk_takes_no_memory()
    {
        byte[] note = [4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, .. "GNU\0"u8, 1, 2, 3, 4];
        byte[] notes = [.. Enumerable.Repeat(note, 10_000).SelectMany(static bytes => bytes)];
        long least = long.MaxValue;

        // What the runtime itself allocates while it compiles a method anew comes once.
        for (int round = 0; round < 5 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int count = Count(notes);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(80_000, count);
        }

        Assert.Equal(0, least);

        static int Count(byte[] bytes)
        {
            int count = 0;
            foreach (ElfNote note in ElfNotes.Parse(bytes).Notes)
                count += note.Owner.Length + note.Descriptor.Length + (int)note.Header.Type;
            return count;
        }
    }

    private static (SpecStructure Structure, WordSize Word) Table(string name) => name == "elf_notes"
        ? (ElfNotes.Layout.Info, WordSize.Bits64)
        : (OwnSpecs.SpecCatalog.FindStructure(name.TrimEnd('3', '2', '6', '4'))!, Word(name));

    private static WordSize Word(string name) => name.EndsWith("32", StringComparison.Ordinal) ? WordSize.Bits32 : WordSize.Bits64;

    /// <summary>An error without what the reader of tables does not check: it names a structure's place, not the fields that made a number.</summary>
    private static string Short(ParseError error) => error.Code == BootErrorCode.BadValue ? $"{error.Code} {error.Field}" : error.ToString();

    private static string Spell(SpecRecord record) => string.Concat(record.Fields.Select(field => $"{Spell(field.Value)};"));

    private static string Spell(SpecValue value) => value switch
    {
        SpecRecord record => $"({Spell(record)})",
        SpecArray array => $"[{string.Concat(array.Elements.Select(Spell))}]",
        SpecText text => text.Text,
        SpecBytes bytes => Convert.ToHexStringLower(bytes.Bytes.AsSpan()),
        SpecNumber number => $"{number.Bits} ",
        SpecEnumValue number => $"{number.Value} ",
        _ => value.ToString() ?? "",
    };

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string See(Label label) => $"({label.Length} ;{Text(label.Text)};)";

    private static string See(Point point) => $"({point.X} ;{point.Y} ;)";

    private static string See(Tag tag) => $"({tag.Type} ;{tag.Size} ;{Convert.ToHexStringLower(tag.Body)};)";

    private static string See(Trail trail) => $"({See(trail.Points)};{See(trail.Pair)};)";

    private static string See(Guest guest) => $"({See(guest.Head)};{See(guest.Words)};{guest.Last} ;)";

    /// <summary>A view's errors count from its own start; those of a record count from the start of the outermost one.</summary>
    private static string See(Box box, long start) => $"({(byte)box.Kind} ;{box.Length} ;{See(box.Body, start)};{box.Check} ;)";

    private static string See(BoxBody body, long start)
    {
        Assert.Equal(body.Kind == BoxBodyKind.Name, body.TryGetName(out ReadOnlySpan<byte> name));
        Assert.Equal(body.Kind == BoxBodyKind.Mine, body.TryGetMine(out ReadOnlySpan<byte> own));
        Assert.Equal(body.Kind == BoxBodyKind.Mine ? body.AsSpan().ToArray() : [], own.ToArray());
        ParseError error = default;
        string seen = body.Kind switch
        {
            BoxBodyKind.Name => Text(name),
            BoxBodyKind.Trail => body.TryGetTrail(out Trail trail, out error) ? See(trail) : "",
            BoxBodyKind.Inner => body.TryGetInner(out Box inner, out error) ? See(inner, start + 2) : "",
            BoxBodyKind.Point => body.TryGetPoint(out Point point, out error) ? See(point) : "",
            _ => Convert.ToHexStringLower(body.AsSpan()),
        };
        Assert.Equal(body.Kind == BoxBodyKind.Unknown, (byte)body.Tag is 0 or > 9);
        return error.IsError ? throw error.MovedBy(start).ToException() : seen;
    }

    private static string See(RoomBody body) => body.TryGetGuest(out Guest guest, out ParseError error) ? See(guest)
        : error.IsError ? throw error.ToException()
        : Convert.ToHexStringLower(body.AsSpan());

    private static string See(Named named) => $"({Text(named.First)};{Convert.ToHexStringLower(named.Second)};{named.After} ;)";

    private static string See(Step step)
    {
        ParseError error = default;
        string seen = step.Body.Kind switch
        {
            StepBodyKind.Pause => "",
            StepBodyKind.Point => step.Body.TryGetPoint(out Point point, out error) ? See(point) : "",
            StepBodyKind.Named => step.Body.TryGetNamed(out Named named, out error) ? See(named) : "",
            _ => step.Body.TryGetRest(out ReadOnlySpan<byte> rest) ? Text(rest) : "?",
        };
        return error.IsError ? throw error.ToException() : $"({step.Kind} ;{seen};)";
    }

    private static string See(ViewSequence<Label> labels)
    {
        var text = new StringBuilder("[");
        foreach (Label label in labels)
            text.Append(See(label));
        return text.Append(']').ToString();
    }

    private static string See(ViewList<Point> points)
    {
        var text = new StringBuilder("[");
        foreach (Point point in points)
            text.Append(See(point));
        return text.Append(']').ToString();
    }

    private static string See<T>(ValueList<T> values) => $"[{string.Concat(values.ToArray().Select(value => $"{value} "))}]";

    /// <summary>Reads every property of a structure as <see cref="Spell(SpecRecord)"/> does.</summary>
    private static string See(string name, byte[] bytes, out int length, out ParseError error)
    {
        try
        {
            switch (name)
            {
                case "label":
                    _ = Label.TryParse(bytes, out Label label, out error);
                    length = label.AsSpan().Length;
                    return error.IsError ? "" : See(label)[1..^1];
                case "tag":
                    _ = Tag.TryParse(bytes, out Tag tag, out error);
                    length = tag.AsSpan().Length;
                    return error.IsError ? "" : See(tag)[1..^1];
                case "chain":
                    _ = Chain.TryParse(bytes, out Chain chain, out error);
                    length = chain.AsSpan().Length;
                    if (error.IsError)
                        return "";
                    var all = new StringBuilder($"{chain.Marker} ;[");
                    foreach (Tag one in chain.Tags)
                        all.Append(See(one));
                    return all.Append($"];{chain.After} ;").ToString();
                case "bundle":
                    _ = Bundle.TryParse(bytes, out Bundle bundle, out error);
                    length = bundle.AsSpan().Length;
                    return error.IsError
                        ? ""
                        : $"{bundle.Points} ;{bundle.NameLength} ;{Text(bundle.Name)};{bundle.ValueLength} ;{Convert.ToHexStringLower(bundle.Value)};"
                            + $"{See(bundle.Places)};{See(bundle.Labels)};{See(bundle.Last)};{bundle.Sum} ;";
                case "window":
                    _ = Window.TryParse(bytes, out Window window, out error);
                    length = window.AsSpan().Length;
                    return error.IsError ? "" : $"{window.Units} ;{See(window.Labels)};{See(window.Rest)};";
                case "guest32" or "guest64":
                    _ = Guest.TryParse(bytes, Word(name), out Guest guest, out error);
                    length = guest.AsSpan().Length;
                    return error.IsError ? "" : See(guest)[1..^1];
                case "trail":
                    _ = Trail.TryParse(bytes, out Trail trail, out error);
                    length = trail.AsSpan().Length;
                    return error.IsError ? "" : See(trail)[1..^1];
                case "box":
                    _ = Box.TryParse(bytes, out Box box, out error);
                    length = box.AsSpan().Length;
                    return error.IsError ? "" : See(box, 0)[1..^1];
                case "named":
                    _ = Named.TryParse(bytes, out Named named, out error);
                    length = named.AsSpan().Length;
                    return error.IsError ? "" : See(named)[1..^1];
                case "step":
                    _ = Step.TryParse(bytes, out Step step, out error);
                    length = step.AsSpan().Length;
                    return error.IsError ? "" : See(step)[1..^1];
                case "steps":
                    _ = Steps.TryParse(bytes, out Steps steps, out error);
                    length = steps.AsSpan().Length;
                    if (error.IsError)
                        return "";
                    var walked = new StringBuilder("[");
                    foreach (Step one in steps.All)
                        walked.Append(See(one));
                    return walked.Append($"];{steps.After} ;").ToString();
                case "digits":
                    byte[] digits = [.. bytes.Take(3).Select(static value => "0123456789abcdefABCDEF"u8[value % 22]), .. bytes.Skip(3)];
                    digits.CopyTo(bytes, 0);
                    _ = Digits.TryParse(bytes, out Digits number, out error);
                    length = number.AsSpan().Length;
                    return error.IsError
                        ? ""
                        : $"{number.Size} ;{number.Kind} ;{Convert.ToHexStringLower(number.Data)};{See(number.Rest)};";
                case "mixed":
                    _ = Mixed.TryParse(bytes, out Mixed mixed, out error);
                    length = mixed.AsSpan().Length;
                    return error.IsError ? "" : $"{mixed.Count} ;{mixed.Little} ;{See(mixed.List)};{See(mixed.Numbers)};";
                case "room32" or "room64":
                    _ = Room.TryParse(bytes, Word(name), out Room room, out error);
                    length = room.AsSpan().Length;
                    return error.IsError ? "" : $"{See(room.Head)};{See(room.Body)};";
                default:
                    _ = ElfNotes.TryParse(bytes, out ElfNotes notes, out error);
                    length = notes.AsSpan().Length;
                    var list = new StringBuilder("[");
                    foreach (ElfNote note in notes.Notes)
                    {
                        NoteHeader header = note.Header;
                        list.Append($"(({header.NameSize} ;{header.DescriptorSize} ;{header.Type} ;);");
                        list.Append($"{Text(note.Owner)};{Convert.ToHexStringLower(note.Descriptor)};)");
                    }

                    return list.Append("];").ToString();
            }
        }
        catch (BootFormatException broken)
        {
            // An element that is broken: parsing does not look at those that only fill what they are in.
            length = 0;
            error = broken.Error;
            return "";
        }
    }

    /// <summary>Reads a record as one would without the generator; null if it is none.</summary>
    private static string? ByHand(byte[] bytes)
    {
        int at = 0;
        var text = new StringBuilder();
        if (Take(2) is not { } head || Take(head[1]) is not { } name || Take(1) is not { } size || Take(size[0] == 0 ? 2 : size[0]) is not { } value)
            return null;
        int terminator = Array.IndexOf(name, (byte)0);
        text.Append($"{head[0]} ;{head[1]} ;{Text(terminator < 0 ? name : name[..terminator])};");
        text.Append($"{(size[0] == 0 ? 2 : size[0])} ;{Convert.ToHexStringLower(value)};[");
        at = Math.Min(at + (at % 2), bytes.Length);
        for (int i = 0; i < head[0]; i++)
        {
            if (Take(4) is not { } point)
                return null;
            text.Append($"({point[0] | (point[1] << 8)} ;{point[2] | (point[3] << 8)} ;)");
        }

        text.Append("];[");
        for (int i = 0; i <= head[0]; i++)
        {
            if (Take(1) is not { } length || Take(length[0]) is not { } label)
                return null;
            int end = Array.IndexOf(label, (byte)0);
            text.Append(i == head[0] ? "];" : "").Append($"({length[0]} ;{Text(end < 0 ? label : label[..end])};)");
        }

        return Take(2) is { } sum ? $"{text};{sum[0] | (sum[1] << 8)} ;{at}" : null;

        byte[]? Take(int count)
        {
            if (count > bytes.Length - at)
                return null;
            at += count;
            return bytes[(at - count)..at];
        }
    }
}
