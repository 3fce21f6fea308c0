using BootProtocol.Testing;
using CsCheck;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>Any text at all as a spec gives messages or code that compiles, never a crash of the generator.</summary>
[Needs(Need.Time)]
public sealed class AnyTextTests
{
    private static readonly string[] Pieces =
    [
        "protocol", "struct", "choice", "by", "sized", "nothing", "flags", "enum", "notes", "owner", "little", "big", "versions",
        "packed", "at", "word", "size", "gate", "after", "ends",
        "length", "align", "until", "..", "[..]", "[a]", "[2][3]", "[a][4]", "[b.a]", "as", "only", "else", "zero", "max", "to",
        "read", "write", "modify", "obligatory", "all", "pad", "char", "bytes", "string",
        "u8", "u16", "u32", "u64", "u32be", "hex[8]", "hex", "s32", "sword", "vaddr", "paddr32", "mfn",
        "a", "b", "version", "thing", "other", "Thing", "_", "=", ".", ":",
        "[", "]", "->", "(", ")", "+", "-", "*", "/", "<<", ">>", "let", "|", "|", "\"",
        "\"HdrS\"", "\"X\"", "#", "0", "1", "2", "4", "8", "0x10", "63", "64", "255",
        "2.00-2.15", "2.05+", "1+", "32|64", "8|16", "8..15", "99999999999999999999", "0xffffffffffffffff", "0xffffffff",
        "const", "when a", "when a.b = 2..5", "else 3", "in 1..9", "one of 1 2 4", "aligned 8", "known", "zero", "check", "checksum crc32 all",
        "checksum sum8 a..b", "checksum xxh32 a..b >> 8", "versions 1-5", "-1",
        "\"\\xfd\\n\"", "uint[3]", "uint[a]", "leb128", "until 0", "-> other[a]", "-> char[]",
        "\nconst numbers : u32 ", "\nrows shared ", "\n  include shared ", "\n  let a = b.c + 1",
        "\t", "é", "\ud83d", "\n", "\n", "\n  ", "\n  ", "\n  .  ", "\n  0  ", "\n  =  ", "\n  let a =  ",
        "\n  .  bytes[..] ", "\n  .  char[a] ", "\n  .  other[..] ", "\n  .  u64[a] ", "\n  .  u64 ",
        "\nstruct thing ", "\nstruct other word 32|64 ", "\nchoice body : kinds ", "\n  1..3  other ", "\n  .  body  b by a ",
        "\nflags marks : u8 ", "\nenum kinds : u16 ", "\nnotes n owner \"X\" ", "\nprotocol demo little ",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    private static readonly Gen<string> Soup = Piece.Array[0, 80].Select(pieces => string.Join(' ', pieces));

    /// <summary>A shipped spec with a few lines swapped, cut, doubled or with a word put in.</summary>
    private static readonly Gen<string> Damaged =
        from file in Gen.Int[0, ShippedSpecs.All.Length - 1].Select(index => ShippedSpecs.All[index].Text)
        from edits in Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 3], Piece).Array[1, 6]
        select Damage(file, edits);

    /// <summary>Names that become each other's members, or those that every type has.</summary>
    private static readonly string[] Names =
    [
        "a", "A", "set_a", "get_a", "try_get_a", "get_a_fields", "a_layout", "a_fields", "offset", "offset_field", "offset32", "layout", "writer",
        "parse", "type", "hash_code", "type_code", "number", "info", "view", "spec_catalog", "a as _bytes", "a as _source", "_1",
    ];

    private static readonly Gen<string> Name = Gen.Int[0, Names.Length - 1].Select(index => Names[index]);

    private static readonly Gen<string> Blocks =
        from rows in Gen.Select(Name, Gen.Int[0, 10], Name).Array[1, 30]
        select string.Concat(rows.Select(row => Block(row.Item1, row.Item2, row.Item3)));

    private static readonly Gen<string> Named = from protocol in Name from blocks in Blocks select $"protocol {protocol} little versions 1-2\n{blocks}";

    [Fact]
    public void Any_names() => Named.Sample(Check, iter: 60);

    /// <summary>Rows of every type, each with any rules, a checksum and something that it points at.</summary>
    private static readonly string[] Types =
    [
        "u8", "u16be", "u32", "u64", "s16", "word", "vaddr", "paddr32", "hex[4]", "uint[3]", "uint[a]", "leb128",
        "char[4]", "bytes[a]", "bytes[..]", "u16[2]", "u32[a]",
        "u32[a max 3]", "bytes[r0 max 5]", "bytes[3]", "uint[5]", "u64[3]",
        "kinds", "marks", "marks[2]", "other", "other[2]", "other[a]", "varying", "thing", "pad[3]",
    ];

    private static readonly string[] Words =
    [
        "", "in 1..9", "one of 1 2 200", "one of 1", "aligned 8", "known", "zero", "check", "zero check", "in 0..3 check", "known check",
        "= 1", "= -1", "= \"abcd\"", "zero 3",
        "else 4", "checksum crc32 all", "checksum sum8 a..r1", "checksum crc64 a..a >> 3", "-> other",
        "-> other[a]", "-> thing", "-> varying[a]", "-> char[]", "-> kinds[a]",
        "-> vaddr[a]", "-> u8", "2+", "1-3", "only 32", "when a = 1..2", "when kind = ONE", "when a = b", "until 0", "align 4",
    ];

    private static readonly Gen<string> Ruled =
        from rows in Gen.Select(Gen.Int[0, Types.Length - 1], Gen.Int[0, Words.Length - 1], Gen.Int[0, Words.Length - 1]).Array[1, 8]
        from head in Gen.Int[0, 5]
        select $"protocol demo {(head % 2 == 0 ? "little" : "big")}\nflags marks : u16\n  0 A\n  1..3 B zero\n  4..5 kinds C\n"
            + "enum kinds : u8\n  1 ONE\n  9 NINE\n"
            + "struct other\n  . u16 x in 1..3 check\n  . u16 y\nstruct varying\n  . u8 n\n  . bytes[n] m zero\nconst numbers : u64\n  7 SEVEN\n"
            + $"struct thing {(head < 4 ? "packed" : "")} {(head < 2 ? "word 32|64" : "")} {(head == 1 ? "versions 1-9 gate v" : "gate v")}\n"
            + "  . u32 v\n  . u8 a\n"
            + string.Concat(rows.Select((row, i) => Row(Types[row.Item1], $"r{i}", $"{Words[row.Item2]} {Words[row.Item3]}")));

    [Fact]
    public void Any_rules() => Ruled.Sample(Check, iter: 60);

    [Fact]
    public void Words_in_any_order() => Soup.Sample(Check, iter: 200);

    [Fact]
    public void Any_characters() => Gen.String.Sample(Check, iter: 150);

    [Fact]
    public void Damaged_specs() => Damaged.Sample(Check, iter: 20);

    /// <summary>A head, or a row for the head above; each row is right under one kind of head.</summary>
    private static string Block(string name, int kind, string other) => kind switch
    {
        0 => $"struct {name} word 32|64 gate v\n  .  u16  v\n  .  u16[2]  {other}\n  .  u16  {name}\n",
        1 => $"struct {name}\n  .  u32  {other}\n  .  char[4]  {name}\n",
        2 => $"struct {name} gate v\n  .  u32  v\n  .  u32[2]  {other} 2+\n  .  {other}  {name}\n",
        3 => $"struct {name} word 32|64\n  .  u32  {other} only 32\n  .  u64  {other} only 64\n  .  {other}[2]  {name}\n",
        4 => $"enum {name} : u8\n  0  {other}\n  1  {name}\n",
        5 => $"flags {name} : u16\n  0..3  {other}\n  4..5  {other}  {name}\n",
        6 => $"notes {name} owner \"X\"\n  1  u32  {name}\n  2  {other}  {other}\n",
        7 => $"flags {name} : u8\n  7  {other}\n",
        8 => $"choice {name} : u8\n  0..3  bytes[..]  {other}\n  5  {other}  {name}\n  6  {name}\n",
        9 => $"struct {name}\n  .  u16  v\n  .  {other}  {name} by v\n",
        _ => $"struct {name} packed gate v\n  .  u16  v\n  .  u64  {other} 2+\n  let  {name} = {other} * 2 - (v << {other})\n  let  b = {name} 2+\n",
    };

    private static string Row(string type, string name, string words) =>
        $"  . {type} {(type.StartsWith("pad", StringComparison.Ordinal) ? "" : name)} {words}\n";

    private static void Check(string text)
    {
        var run = new GeneratorRun(("any.bootspec", text));
        Assert.Null(run.Result.Exception);
        string[] errors = [.. run.Compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString())];
        Assert.True(errors.Length == 0, string.Join('\n', errors.Take(5)) + "\n\n" + text);
    }

    private static string Damage(string text, (int At, int Kind, string Piece)[] edits)
    {
        List<string> lines = [.. text.Split('\n')];
        foreach ((int at, int kind, string piece) in edits)
        {
            int line = at % lines.Count;
            string old = lines[line];
            switch (kind)
            {
                case 0:
                    lines.Insert(line, old);
                    break;
                case 1 when lines.Count > 1:
                    lines.RemoveAt(line);
                    break;
                case 2:
                    lines[line] = old[..(at % (old.Length + 1))];
                    break;
                default:
                    lines[line] = old.Insert(at % (old.Length + 1), $" {piece} ");
                    break;
            }
        }

        return string.Join('\n', lines);
    }
}
