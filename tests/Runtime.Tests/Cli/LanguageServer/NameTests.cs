using System.Text.Json.Nodes;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>What an editor shows about names, and where it goes from them.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("  .  word  y", "y", "word  y|field of point|32 bits: offset 0x8 (8), size 4|64 bits: offset 0x10 (16), size 8|Up.")]
    [InlineData("  .  u32   unit", "unit", "u32  unit|field of point|32 bits: offset 0x4 (4), size 4|64 bits: offset 0x8 (8), size 4|In what. * [always 0x7]")]
    [InlineData("1  marks flags", "flags", "marks  flags|field of box|offset 0x1 (1), size 1|versions 2-3|rights write, from 3+ on modify|What is true. [else 0]")]
    [InlineData("let  double", "length", "u16  length|field of box|offset 0x2 (2), size 2|How much.")]
    [InlineData("let  double", "double", "let double = length * 2|computed in box|Twice.")]
    [InlineData("struct box", "box", "struct box|protocol boxes|versions 1 to 3 by length|size 4, alignment 2|Something.")]
    [InlineData("struct point", "point", "struct point|protocol boxes|32 bits: size 12, alignment 4|64 bits: size 24, alignment 8|A point.")]
    [InlineData("content  by", "content", "body  content|field of crate|behind the fixed part|by first.kind, bytes first.length|What it is.")]
    [InlineData("POINT as", "POINT", "1  POINT|value of kind: 1, 0x1|A point.")]
    [InlineData("POINT  item", "POINT", "1  POINT|value of kind: 1, 0x1|A point.")]
    [InlineData("0     OPEN", "OPEN", "0  OPEN|bit 0 of marks: 0x1|Open.")]
    [InlineData("1..2  kind", "INNER", "1..2  kind  INNER|bits 1 to 2 of marks|What is inside.")]
    [InlineData("1..2  kind", "kind", "enum kind|protocol boxes|size 1|Kinds.")]
    [InlineData("POINT  item", "point", "POINT  item  point|what POINT chooses in body|An item.")]
    [InlineData("choice body", "body", "choice body|protocol boxes|by kind, 1 bytes|Bodies.")]
    [InlineData("3  marks", "MARKS", "3  marks  MARKS|note 3, 0x3, of own|The marks.")]
    [InlineData("notes own", "own", "notes own|protocol boxes|owner \"X\"|Notes.")]
    [InlineData("4  paddr32", "paddr32", "paddr32|4 bytes|")]
    [InlineData("  .  word  y", "word", "word|4 or 8 bytes, by variant|")]
    [InlineData("boot_e820_entry  entry", "boot_e820_entry", "struct boot_e820_entry|protocol linux_x86|size 20, alignment 1|packed|")]
    public void Hover(string line, string word, string expected)
    {
        JsonNode hover = MarkedSpec.Ask("textDocument/hover", line, word)!;
        Assert.Equal("plaintext", (string?)hover["contents"]!["kind"]);
        string text = ((string)hover["contents"]!["value"]!).Replace('\n', '|');
        Assert.StartsWith(expected.TrimEnd('|'), text, StringComparison.Ordinal);
        if (!expected.EndsWith('|'))
            Assert.Equal(expected, text);
        (int number, int column) = MarkedSpec.Place(line, word);
        Assert.Equal(Range(number, column, word.Length), hover["range"]!.ToJsonString());
    }

    [Fact]
    public void Hover_as_Markdown_shows_a_doc_as_it_is_written()
    {
        var talk = new ServerTalk();
        talk.Ask("initialize", new { capabilities = new { textDocument = new { hover = new { contentFormat = (string[])["markdown"] } } } });
        talk.Open(MarkedSpec.Text);
        (int line, int character) = MarkedSpec.Place("  .  u32   unit", "unit");
        int id = talk.AskAt("textDocument/hover", line, character + 4);
        JsonNode hover = talk.Run().Result(id)!;
        Assert.Equal("markdown", (string?)hover["contents"]!["kind"]);
        Assert.Equal(
            "```bootspec\nu32  unit\n```\n- field of point\n- 32 bits: offset 0x4 (4), size 4\n- 64 bits: offset 0x8 (8), size 4\n\nIn what. \\* \\[always 0x7\\]",
            (string?)hover["contents"]!["value"]);
    }

    [Theory]
    [InlineData("0  kind  kind", "kind", "enum kind", "kind")]
    [InlineData("let  double", "length", "2  u16", "length")]
    [InlineData("[first.length]", "first", "0  box ", "first")]
    [InlineData("[first.length]", "length", "2  u16", "length")]
    [InlineData("content  by", "kind", "0  kind", "kind  ")]
    [InlineData("content  by", "first.length", "0  box ", "first")]
    [InlineData("content  by", "length", "2  u16", "length")]
    [InlineData("until tag", "tag", "  0  u32     tag", "tag")]
    [InlineData("until tag", "item", "struct item", "item")]
    [InlineData("-> point", "point", "struct point", "point")]
    [InlineData("struct sized", "size  gate", "0  u32  size", "size")]
    [InlineData("struct sized", "size  |", "0  u32  size", "size")]
    [InlineData("choice body", "kind", "enum kind", "kind")]
    [InlineData("NONE   nothing", "NONE", "2  NONE", "NONE")]
    [InlineData("3  marks", "marks", "flags marks", "marks")]
    public void Definition(string line, string word, string declaringLine, string declared)
    {
        JsonNode location = MarkedSpec.Ask("textDocument/definition", line, word)!;
        (int number, int column) = declaringLine == "0  kind" ? (MarkedSpec.Place(declaringLine, "kind").Line, 11) : MarkedSpec.Place(declaringLine, declared);
        Assert.Equal(ServerTalk.Uri, (string?)location["uri"]);
        JsonNode start = location["range"]!["start"]!;
        Assert.Equal((number, column), ((int)start["line"]!, (int)start["character"]!));
    }

    /// <summary>What is shipped has no file; words, C# names, numbers and docs name nothing.</summary>
    [Theory]
    [InlineData("boot_e820_entry  entry", "boot_e820_entry")]
    [InlineData("content  by", "by")]
    [InlineData("0  kind  kind", "read")]
    [InlineData("POINT as", "APoint")]
    [InlineData("4  paddr32", "paddr32")]
    [InlineData("let  double", "let")]
    [InlineData("2  u16   length", "How much")]
    [InlineData("2  u16   length", "2")]
    [InlineData("struct sized", "struct")]
    public void Nothing_to_go_to(string line, string word) => Assert.Null(MarkedSpec.Ask("textDocument/definition", line, word));

    [Fact]
    public void Outline_has_blocks_and_rows()
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open(MarkedSpec.Text);
        int id = talk.Ask("textDocument/documentSymbol", new { textDocument = new { uri = ServerTalk.Uri } });
        JsonArray blocks = talk.Run().Result(id)!.AsArray();
        Assert.Equal(
            ["point", "box", "crate", "item", "sized", "kind", "marks", "body", "own", "map"], blocks.Select(static block => (string?)block!["name"]));
        JsonNode box = blocks[1]!;
        Assert.Equal(["kind", "flags", "length", "double"], box["children"]!.AsArray().Select(static row => (string?)row!["name"]));
        Assert.Equal((7, 11), ((int)box["range"]!["start"]!["line"]!, (int)box["range"]!["end"]!["line"]!));
        Assert.Equal(Range(7, 7, 3), box["selectionRange"]!.ToJsonString());
    }

    /// <summary>What the other tests ask about is right.</summary>
    [Fact]
    public void The_marked_spec_has_no_mistake()
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open(MarkedSpec.Text);
        Assert.DoesNotContain(Assert.Single(talk.Run().Problems()), static problem => (int)problem!["severity"]! == 1);
    }

    [Fact]
    public void Messages_have_number_place_and_weight()
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open("protocol bad little | Bad.\nstruct one | One.\n  0 u32 a | A.\n  3 u8 b | B.\n  4 u8 c\n");
        talk.Notify("textDocument/didClose", new { textDocument = new { uri = ServerTalk.Uri } });
        IReadOnlyList<JsonArray> states = talk.Run().Problems();
        Assert.Equal(
            [
                "1 BPS2001 'b' is placed at 0x3, but the row above ends at 0x4; write 0x4, or '=' for a union " + Range(3, 2, 1),
                "2 BPS5001 'c' has no doc; add '| what it means' " + Range(4, 7, 1),
            ],
            states[0].Select(static problem => $"{problem!["severity"]} {problem["code"]} {problem["message"]} {problem["range"]!.ToJsonString()}"));
        Assert.All(states[0], static problem => Assert.Equal("bootspec", (string?)problem!["source"]));
        Assert.Empty(states[1]);
        Assert.Equal(2, states.Count);
    }

    [Fact]
    public void What_is_too_large_is_no_spec()
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open(new string('x', (1 << 20) + 1));
        object[] changes = [new { text = "protocol p little\n" }];
        talk.Notify("textDocument/didChange", new { textDocument = new { uri = ServerTalk.Uri, version = 2 }, contentChanges = changes });
        IReadOnlyList<JsonArray> states = talk.Run().Problems();
        Assert.Equal("This is no spec: it has more than 1048576 characters", (string?)Assert.Single(states[0])!["message"]);
        Assert.Empty(states[1]);
    }

    private static string Range(int line, int column, int length) =>
        $$$"""{"start":{"line":{{{line}}},"character":{{{column}}}},"end":{"line":{{{line}}},"character":{{{column + length}}}}}""";
}
