using BootProtocol.Cli;
using BootProtocol.Cli.Reports;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Tables of any shape on terminals of any width.</summary>
public sealed class TableLayoutTests
{
    private static readonly Gen<string> _cell = Gen.Frequency(
        (1, Gen.Const("")),
        (6, Gen.Char['a', 'z'].Array[1, 12].Select(static characters => new string(characters))),
        (2, Gen.ULong.Select(static number => $"0x{number:x}")),
        (2, Gen.Char['a', 'z'].Array[1, 9].Select(static characters => new string(characters)).Array[2, 30].Select(static words => string.Join(' ', words))));

    [Fact]
    public void Lines_fit_and_words_stay_whole_and_in_order() => Gen.Select(Gen.Int[1, 11], Gen.Int[1, 8], Gen.Int[20, 150], Gen.Bool)
        .SelectMany(shape => Gen.Select(
            _cell.Array[shape.Item1].Array[shape.Item2],
            Gen.Bool.Array[shape.Item1],
            (rows, rights) => (Rows: rows, Rights: rights, Width: shape.Item3, HasHead: shape.Item4)))
        .Sample(
            static sample =>
            {
                ReportColumn[] columns = [.. sample.Rights.Select(static (isRight, index) => new ReportColumn($"column{index}", IsRight: isRight))];
                var table = new ReportTable(columns, sample.Rows, sample.HasHead);
                string text = Print(table, sample.Width);
                IEnumerable<string> cells = sample.Rows.SelectMany(static row => row);
                string[] words = [.. cells.SelectMany(static cell => cell.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
                string[] heads = sample.HasHead ? [.. columns.Select(static column => column.Name)] : [];
                Assert.Equal([.. heads, .. words], text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
                Assert.All(text.Split('\n'), line =>
                {
                    Assert.Equal(line.TrimEnd(), line);
                    Assert.True(line.Length <= sample.Width || !line.Trim().Contains(' ', StringComparison.Ordinal), line);
                });

                // In a pipe a row is a line.
                Assert.Equal(sample.Rows.Length + heads.Length.CompareTo(0), Print(table, null).Count(static character => character == '\n'));
            },
            iter: 3000);

    [Fact]
    public void Columns_that_do_not_fit_go_on_in_further_lines()
    {
        ReportColumn[] columns = [new("name"), new("first", IsRight: true), new("second", IsRight: true), new("third", IsRight: true), new("text")];
        string[][] rows =
        [
            ["a", "0x1", "22", "333333333", "some words"],
            ["bbbb", "0x123456789a", "2", "3", ""],
        ];
        Assert.Equal(
            """
              name         first  second
                      third  text
              a              0x1      22
                  333333333  some words
              bbbb  0x123456789a       2
                          3

            """.ReplaceLineEndings("\n"),
            Print(new ReportTable(columns, rows), 36));
    }

    [Fact]
    public void Long_text_wraps_in_its_column()
    {
        ReportColumn[] columns = [new("name"), new("meaning")];
        string[][] rows = [["one", "a text that is longer than there is room for it"], ["two", "a short one"]];
        Assert.Equal(
            """
              name  meaning
              one   a text that is longer
                    than there is room for
                    it
              two   a short one

            """.ReplaceLineEndings("\n"),
            Print(new ReportTable(columns, rows), 31));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("😀", 2)]
    public void Characters_take_the_columns_of_a_terminal(string text, int expected) => Assert.Equal(expected, TextWidth.Of(text));

    [Theory]
    [InlineData("C.UTF-8", null, null, false)]
    [InlineData("", "de_DE.utf8", null, false)]
    [InlineData(null, null, "en_US.UTF-8", false)]
    [InlineData("C", "en_US.UTF-8", "en_US.UTF-8", true)]
    [InlineData(null, null, "C", true)]
    [InlineData(null, null, "de_DE.ISO-8859-1", true)]
    [InlineData(null, null, null, true)]
    public void The_locale_says_which_characters_there_are(string? all, string? type, string? language, bool expected)
    {
        var environment = new Dictionary<string, string?> { ["LC_ALL"] = all, ["LC_CTYPE"] = type, ["LANG"] = language };
        Assert.Equal(expected, TerminalRules.IsAscii(name => environment.GetValueOrDefault(name)));
    }

    private static string Print(ReportTable table, int? width)
    {
        using var output = new StringWriter();
        using var console = new ToolConsole(output, TextWriter.Null) { IsTerminal = width is not null, Width = width };
        ReportPrinter.Print(new Report([table]), console);
        return output.ToString();
    }
}
