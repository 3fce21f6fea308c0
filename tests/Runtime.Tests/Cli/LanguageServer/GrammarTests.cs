using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>The colours of the editor's extension agree with the parser.</summary>
public sealed class GrammarTests
{
    /// <summary>A row of each kind of block, up to its name.</summary>
    private static readonly Dictionary<string, string> _rows = new(StringComparer.Ordinal)
    {
        ["struct"] = "  .  u32  name ",
        ["choice"] = "  1  bytes[..]  name ",
        ["flags"] = "  1..2  name ",
        ["enum"] = "  1  name ",
        ["const"] = "  1  name ",
        ["notes"] = "  1  u32  name ",
    };

    public static TheoryData<string> Specs =>
        [.. Directory.GetFiles(Repository.File("spec"), "*.bootspec").Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>Where a word of the language belongs, it has a colour of its own.</summary>
    [Fact]
    public void Every_word_of_the_parser_has_a_colour()
    {
        foreach (string block in HeadParser.Blocks)
        {
            Assert.Equal("keyword.control", new GrammarLines([block]).At(0, 0));
            foreach (string word in HeadParser.Words[block])
                Assert.Matches("^(keyword|constant)[.]", new GrammarLines([$"{block} name {word} "]).At(0, block.Length + 6));
        }

        foreach ((string block, RowKind kind) in RowParser.Kinds)
        {
            string row = _rows[block];
            foreach (string word in kind.Words)
            {
                string scope = new GrammarLines([$"{block} type", $"{row}{word} "]).At(1, row.Length);
                Assert.True(scope.StartsWith("keyword.", StringComparison.Ordinal) || scope is "storage.modifier" or "constant.language", $"{word}: {scope}");
            }
        }
    }

    [Fact]
    public void Every_type_of_the_parser_has_a_colour()
    {
        foreach (string type in PrimitiveType.All.Keys)
        {
            Assert.Equal("support.type", new GrammarLines(["struct s", $"  0  {type}  name"]).At(1, 5));
            Assert.Equal("entity.name.type", new GrammarLines(["struct s", $"  0  {type}_  name"]).At(1, 5));
        }

        Assert.Equal("support.type", new GrammarLines(["notes n owner \"X\"", "  1  string  NAME"]).At(1, 5));
        Assert.Equal("support.type", new GrammarLines(["notes n owner \"X\"", "  1  paddr  NAME"]).At(1, 5));
        Assert.Equal("support.type", new GrammarLines(["choice c : u8", "  1  nothing  name"]).At(1, 5));
    }

    /// <summary>Each part of a shipped spec has the scope of what the parser takes it for.</summary>
    [Theory]
    [MemberData(nameof(Specs))]
    public void Shipped_specs_have_the_colours_of_what_they_say(string name)
    {
        string[] lines = File.ReadAllLines(Repository.File("spec", name));
        var scopes = new GrammarLines(lines);
        SpecFile file = SpecParser.Parse(name, lines);
        Expect("entity.name.namespace", file.Protocol!.Name.Range);
        foreach (BlockSyntax block in file.Blocks)
        {
            Expect("entity.name.type", block.Name.Range);
            if (block is StructSyntax { Head: var head })
            {
                foreach (Located<string>? field in new[] { head.GateField, head.GateMagic, head.LengthField })
                    Expect("variable.other.member", field?.Range);
            }

            foreach (RowSyntax? row in block.AllRows)
                ExpectRow(row!);
        }

        for (int i = 0; i < lines.Length; i++)
        {
            SpecLine? line = new LineScanner(lines[i], i, new ProblemList()).Scan();
            foreach (Token token in line?.Tokens ?? [])
                Assert.True(scopes.At(i, token.Range.Column).Length > 0, $"line {i + 1}: '{token.Text}' has no colour");
            if (line?.IsHead == true && line.Tokens.Count > 0)
                Assert.Equal("keyword.control", scopes.At(i, 0));
            int end = lines[i].TrimEnd().Length - 1;
            if (line is { Doc.Length: > 0 })
                Assert.Equal("comment.block.documentation", scopes.At(i, end));
            else if (line is null && end >= 0)
                Assert.Equal("comment.line.number-sign", scopes.At(i, end));
        }

        void ExpectRow(RowSyntax row)
        {
            TypeSyntax? type = row switch { StructRow field => field.Type, ChoiceRow chosen => chosen.Type, NoteRow note => note.Type, _ => null };
            if (type is not null)
                Expect(IsPrimitive(type.Name.Value) ? "support.type" : "entity.name.type", type.Name.Range);
            Expect("variable.other.member", type?.CountField?.Range);
            if (row is StructRow { Position: { Kind: PositionKind.Number } position })
                Expect("constant.numeric.offset", position.Range);
            if (row is EnumRow bits)
                Expect("constant.numeric", bits.Low.Range);
            if (row.Name.Value.Length > 0 && row.Name.Range != type?.Name.Range)
                Expect("entity.name.variable", row.Name.Range);
            foreach (Located<string> word in row.Access)
                Expect("storage.modifier", word.Range);
            foreach (GateSyntax gate in new[] { row.Gate, row.SecondGate }.OfType<GateSyntax>())
                Expect(gate.IsAll ? "constant.language" : "constant.other.version", gate.Text.Range);
            foreach (SourceRange? number in new[] { row.Else?.Range, row.Zero?.Range, row.Align?.Range, row.Only?.Range })
                Expect("constant.numeric", number);
            Expect(row.Constant?.Value.Text is null ? "constant.numeric" : "string.quoted.double", row.Constant?.Range);
            Expect("variable.other.member", row.By?.Range);
            Expect("variable.other.member", row.Bytes?.Range);
            Expect("variable.other.member", row.Until?.Field?.Range);
            Expect("entity.other", row.CSharpName?.Range);
            foreach (RuleSyntax rule in row.Rules)
                Expect("keyword.other", rule.Range);
            Expect("keyword.other", row.Check);
            Expect("support.function", row.Checksum?.Function.Range);
            Expect("variable.other.member", row.Checksum?.First?.Range);
            Expect("variable.other.member", row.Checksum?.Last?.Range);
            if (row.Pointee is { } pointee)
                Expect(IsPrimitive(pointee.Type.Value) ? "support.type" : "entity.name.type", pointee.Type.Range);
            foreach (FormulaPart part in (row as LetRow)?.Formula.Parts ?? [])
                Expect(part.IsName ? "variable.other.member" : part.Number is null ? "keyword.operator" : "constant.numeric", part.Range);
        }

        void Expect(string scope, SourceRange? range)
        {
            if (range is not { } place)
                return;
            string where = $"at {place.Line + 1},{place.Column + 1}";
            Assert.Equal($"{scope} {where}", $"{scopes.At(place.Line, place.Column)} {where}");
        }
    }

    private static bool IsPrimitive(string type) => PrimitiveType.All.ContainsKey(type) || type is "string" or "nothing" or "paddr";
}
