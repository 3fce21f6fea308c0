using BootProtocol.Testing;
using CsCheck;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>Any text at all as a spec gives messages or code that compiles, never a crash of the generator.</summary>
public sealed class AnyTextTests
{
    private static readonly string[] Pieces =
    [
        "protocol", "struct", "flags", "enum", "notes", "owner", "little", "big", "versions", "packed", "at", "word", "size", "gate", "after", "ends",
        "length", "as", "only", "else", "zero", "max", "to", "read", "write", "modify", "obligatory", "all", "pad", "char", "bytes", "string",
        "u8", "u16", "u32", "u64", "s32", "sword", "vaddr", "paddr32", "mfn", "a", "b", "version", "thing", "other", "Thing", "_", "=", ".", ":",
        "[", "]", "->", "|", "|", "\"", "\"HdrS\"", "\"X\"", "#", "0", "1", "2", "4", "8", "0x10", "63", "64", "255",
        "2.00-2.15", "2.05+", "1+", "32|64", "8|16", "8..15", "99999999999999999999", "0xffffffffffffffff", "0xffffffff",
        "\t", "é", "\ud83d", "\n", "\n", "\n  ", "\n  ", "\n  .  ", "\n  0  ", "\n  =  ",
        "\nstruct thing ", "\nstruct other word 32|64 ", "\nflags marks : u8 ", "\nenum kinds : u16 ", "\nnotes n owner \"X\" ", "\nprotocol demo little ",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    private static readonly Gen<string> Soup = Piece.Array[0, 80].Select(pieces => string.Join(' ', pieces));

    /// <summary>A shipped spec with a few lines swapped, cut, doubled or with a word put in.</summary>
    private static readonly Gen<string> Damaged =
        from file in Gen.Int[0, ShippedSpecs.All.Length - 1].Select(index => ShippedSpecs.All[index].Text)
        from edits in Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 3], Piece).Array[1, 6]
        select Damage(file, edits);

    [Fact]
    public void Words_in_any_order() => Soup.Sample(Check, iter: 800);

    [Fact]
    public void Any_characters() => Gen.String.Sample(Check, iter: 300);

    [Fact]
    public void Damaged_specs() => Damaged.Sample(Check, iter: 40);

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
