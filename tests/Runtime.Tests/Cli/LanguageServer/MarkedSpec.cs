using System.Text.Json.Nodes;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>A spec with every kind of name, and where in it they stand.</summary>
internal static class MarkedSpec
{
    public const string Text =
        """
        protocol boxes  little  versions 1-3  | Boxes.

        struct point  word 32|64              | A point.
          .  word  x                          | To the right.
          .  u32   unit = 7                   | In what. *
          .  word  y                          | Up.

        struct box  size 4  gate length       | Something.
          0  kind  kind        read           | What it holds.
          1  marks flags      2-3  write 3+ modify  else 0 | What is true.
          2  u16   length                     | How much.
          let  double = length * 2            | Twice.

        struct crate                          | Boxes and a body.
          0  box          first               | A box.
          .  box[first.length]  more          | Others.
          .  body         content  by first.kind  bytes first.length  | What it is.
          .  item[..]     items  until tag = 0  | Items.

        struct item                           | An item.
          0  u32     tag                      | Its tag.
          4  paddr32 where -> point           | Where.

        struct sized  length size  gate size  | Ends early.
          0  u32  size                        | Its bytes.

        enum kind : u8                        | Kinds.
          1  POINT as APoint                  | A point.
          2  NONE                             | Nothing.

        flags marks : u8                      | Marks.
          0     OPEN                          | Open.
          1..2  kind  INNER                   | What is inside.

        choice body : kind                    | Bodies.
          POINT  item     point               | An item.
          NONE   nothing  none                | Nothing.

        notes own owner "X"                   | Notes.
          3  marks  MARKS                     | The marks.

        struct map                            | Of another spec.
          0  boot_e820_entry  entry           | A range.
        """;

    private static readonly string[] _lines = Text.Split('\n');

    /// <summary>The place of a word on the line that has a text.</summary>
    public static (int Line, int Character) Place(string line, string word)
    {
        int number = Array.FindIndex(_lines, candidate => candidate.Contains(line, StringComparison.Ordinal));
        Assert.True(number >= 0, line);
        int column = _lines[number].IndexOf(word, StringComparison.Ordinal);
        Assert.True(column >= 0, word);
        return (number, column);
    }

    /// <summary>What the server answers about a word.</summary>
    public static JsonNode? Ask(string method, string line, string word, int offset = 0)
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open(Text);
        (int number, int column) = Place(line, word);
        int id = talk.AskAt(method, number, column + offset);
        return talk.Run().Result(id);
    }
}
