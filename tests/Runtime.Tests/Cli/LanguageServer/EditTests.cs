using BootProtocol.Cli.LanguageServer;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>Texts stay what the editor has, whatever is typed.</summary>
public sealed class EditTests
{
    private static readonly string[] _pieces =
    [
        "", "\n", "\r\n", "\r", "\n  .  u32  a\n", "struct s ", "enum e : u8\n  1 A\n", "choice c : e\n  A s\n", "  .  c  b  by a", "[", "]", "|", " | ", "#", "\"", "->", "..",
        "let x = a + 1", "until ", "é", "😀", "\u2028", "\0", "a.b", "=", "0x", "1+", "protocol p little\n", "\t", "flags f : u16\n  1..2 X\n", "notes n owner \"N\"\n",
    ];

    private static readonly string _start = File.ReadAllText(Repository.File("spec", "fdt.bootspec"));

    private static readonly Gen<(int At, int Length, string Text)[]> _edits =
        Gen.Select(Gen.Int[0, 5000], Gen.Int[0, 40], Gen.Int[0, _pieces.Length - 1].Select(static i => _pieces[i])).Array[1, 12];

    [Fact]
    public void A_text_is_what_the_changes_make_of_it() => _edits.Sample(
        edits =>
        {
            var text = new DocumentText(_start);
            string expected = _start;
            foreach ((int at, int length, string piece) in edits)
            {
                int start = Math.Min(at, expected.Length);
                int end = Math.Min(start + length, expected.Length);
                text.Apply(new TextChange((PlaceOf(expected, ref start), PlaceOf(expected, ref end)), piece));
                expected = string.Concat(expected.AsSpan(0, start), piece, expected.AsSpan(Math.Max(start, end)));
                Assert.Equal(expected, text.Text);
                Assert.Equal(expected.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\r', '\n'), text.Lines);
            }
        },
        iter: 300);

    [Fact]
    public void Places_behind_an_end_mean_the_end()
    {
        var text = new DocumentText("ab\r\ncd");
        text.Apply(new TextChange((new TextPlace(0, 9), new TextPlace(0, 99)), "1"));
        text.Apply(new TextChange((new TextPlace(1, int.MaxValue), new TextPlace(7, 0)), "2"));
        text.Apply(new TextChange((new TextPlace(int.MaxValue, 1), new TextPlace(0, 0)), "3"));
        Assert.Equal("ab1\r\ncd23", text.Text);
        text.Apply(new TextChange(null, "x"));
        Assert.Equal("x", Assert.Single(text.Lines));
    }

    /// <summary>After any edits the server says of the text what one says that is given it as a whole, and answers at every place.</summary>
    [Fact]
    [Needs(Need.Time)]
    public void Any_edits_leave_a_server_that_answers() => _edits.Sample(
        edits =>
        {
            ServerTalk talk = ServerTalk.Begun();
            talk.Open(_start);
            string text = _start;
            var asked = new List<int>();
            for (int i = 0; i < edits.Length; i++)
            {
                (int at, int length, string piece) = edits[i];
                int start = Math.Min(at, text.Length);
                int end = Math.Min(start + length, text.Length);
                TextPlace first = PlaceOf(text, ref start);
                TextPlace last = PlaceOf(text, ref end);
                text = string.Concat(text.AsSpan(0, start), piece, text.AsSpan(Math.Max(start, end)));
                var change = new { range = new { start = Json(first), end = Json(last) }, text = piece };
                talk.Notify(
                    "textDocument/didChange", new { textDocument = new { uri = ServerTalk.Uri, version = i + 2 }, contentChanges = new object[] { change } });
                foreach (string method in (string[])["textDocument/hover", "textDocument/definition", "textDocument/completion"])
                    asked.Add(talk.AskAt(method, first.Line, first.Character));
            }

            int symbols = talk.Ask("textDocument/documentSymbol", new { textDocument = new { uri = ServerTalk.Uri } });
            ServerAnswers answers = talk.Run();
            Assert.All(asked, id => answers.Result(id));
            Assert.Equal(edits.Length + 1, answers.Problems().Count);

            ServerTalk whole = ServerTalk.Begun();
            whole.Open(text);
            int expected = whole.Ask("textDocument/documentSymbol", new { textDocument = new { uri = ServerTalk.Uri } });
            ServerAnswers wholeAnswers = whole.Run();
            Assert.Equal(wholeAnswers.Problems()[0].ToJsonString(), answers.Problems()[^1].ToJsonString());
            Assert.Equal(wholeAnswers.Result(expected)!.ToJsonString(), answers.Result(symbols)!.ToJsonString());
        },
        iter: 40);

    /// <summary>The place of an offset. An offset between the two ends of a line moves before them: no place is there.</summary>
    private static TextPlace PlaceOf(string text, ref int offset)
    {
        if (offset > 0 && offset < text.Length && text[offset - 1] == '\r' && text[offset] == '\n')
            offset--;
        string[] lines = text[..offset].Replace("\r\n", "\n", StringComparison.Ordinal).Split('\r', '\n');
        return new TextPlace(lines.Length - 1, lines[^1].Length);
    }

    private static object Json(TextPlace place) => new { line = place.Line, character = place.Character };
}
