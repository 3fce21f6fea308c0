using System.Text.Json.Nodes;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>The words that an editor is offered. <c>^</c> is the place.</summary>
public sealed class CompletionTests
{
    private const string Start =
        "protocol p little\nenum kind : u8\n  1 ONE\nchoice body : kind\n  ONE kind_holder\nstruct kind_holder\n  0 u8 inner\nflags mask : u8\n  0 BIT\n";

    [Theory]
    [InlineData("^", "choice const enum flags notes protocol rows struct")]
    [InlineData("str^", "choice const enum flags notes protocol rows struct")]
    [InlineData("struct s p^", "align as at ends gate length packed size versions word")]
    [InlineData("struct s ^\n  0 u8 size\n", "align as at ends gate length packed size versions word")]
    [InlineData("struct s length ^\n  0 u8 size\n", "size")]
    [InlineData("struct s gate v ^\n  0 u8 v\n", "after align as at ends gate length packed size versions word")]
    [InlineData("enum e : ^", "u16 u32 u64 u8")]
    [InlineData("notes n ^", "as owner")]
    [InlineData("struct s\n  ^", "include let")]
    [InlineData("flags f : u8\n  ^", "include")]
    [InlineData("struct s\n  0 u8 a ^", "align aligned all as by bytes check checksum else in internal known modify obligatory obsolete one only optional read reloc sized special until when write zero")]
    [InlineData("enum e : u8\n  0 A r^", "all as internal modify obligatory obsolete optional read reloc special write")]
    [InlineData("choice c : kind\n  ^", "ONE")]
    [InlineData("choice c : kind\n  ONE kind_holder name ^", "as")]
    [InlineData("struct s\n  0 u8 a\n  . u8[^\n  . u8 b\n", "a")]
    [InlineData("struct s\n  0 u8 a\n  . u8[a ^", "max")]
    [InlineData("struct s\n  0 u8 a\n  . pad[^", "to")]
    [InlineData("struct s\n  0 u8 a\n  . body b by ^", "a")]
    [InlineData("struct s\n  0 kind_holder a\n  . body b by a.^", "inner")]
    [InlineData("struct s\n  0 u8 a\n  . kind_holder[..] b until ^", "inner")]
    [InlineData("struct s\n  0 u8 a\n  let b = a\n  let c = (^", "a b")]
    [InlineData("struct s\n  0 u8 a checksum ^", "adler32 crc32 crc32c crc64 sum16 sum32 sum8 xxh32")]
    [InlineData("struct s\n  0 u8 a\n  1 u8 b checksum sum8 ^", "a all")]
    [InlineData("struct s\n  0 u8 a\n  1 u8 b checksum sum8 a..^", "a")]
    [InlineData("struct s\n  0 u8 a one ^", "of")]
    [InlineData("struct s\n  0 u8[2][3] a one ^", "of")]
    [InlineData("struct s\n  0 u8[2][3] ^", "")]
    [InlineData("const c : ^", "u16 u32 u64 u8")]
    [InlineData("const c : u8\n  0 A ^", "all as")]
    [InlineData("struct s\n  0 u8 a = 0x^", "")]
    [InlineData("struct s\n  0 u8 a as ^", "")]
    [InlineData("struct s\n  0 u8 ^", "")]
    [InlineData("struct s | doc ^", "")]
    [InlineData("# ^", "")]
    [InlineData("struct s # ^", "")]
    [InlineData("notes n owner \"^", "")]
    public void Words(string text, string expected) => Assert.Equal(expected, string.Join(' ', Labels(text).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("struct s\n  0 ^", "u32 pad kind body kind_holder mask boot_e820_entry", "nothing load_flags_ struct")]
    [InlineData("struct s\n  0 u8 a -> ^", "u32 kind_holder", "let")]
    [InlineData("choice c : u8\n  1 ^", "nothing bytes kind_holder", "u32 kind mask")]
    [InlineData("choice c : ^", "u8 kind", "mask u8be kind_holder")]
    [InlineData("notes n owner \"N\"\n  1 ^", "string paddr u32 kind kind_holder", "body nothing")]
    [InlineData("struct s\n  0 mask m\n  let x = m.^", "BIT", "m")]
    [InlineData("struct s\n  0 mask m\n  . u8 b when m.^", "BIT", "m")]
    [InlineData("struct s\n  0 mask m\n  . u8 b when ^", "m", "BIT")]
    [InlineData("flags f : u8\n  1..2 ^", "kind", "mask u8")]
    public void Types(string text, string some, string none)
    {
        HashSet<string> labels = [.. Labels(text)];
        Assert.Superset(some.Split(' ').ToHashSet(), labels);
        Assert.DoesNotContain(none.Split(' '), labels.Contains);
    }

    [Fact]
    public void A_field_has_its_type_and_doc()
    {
        JsonNode item = Assert.Single(Items("struct s\n  0 u8 a | Doc.\n  . u8[^"))!;
        Assert.Equal("""{"label":"a","kind":5,"detail":"u8","documentation":"Doc."}""", item.ToJsonString());
    }

    private static IEnumerable<string> Labels(string text) => Items(text).Select(static item => (string)item!["label"]!);

    private static JsonArray Items(string text)
    {
        string whole = Start + text;
        string[] before = whole[..whole.IndexOf('^', StringComparison.Ordinal)].Split('\n');
        ServerTalk talk = ServerTalk.Begun();
        talk.Open(whole.Replace("^", "", StringComparison.Ordinal));
        int id = talk.AskAt("textDocument/completion", before.Length - 1, before[^1].Length);
        return talk.Run().Result(id)!.AsArray();
    }
}
