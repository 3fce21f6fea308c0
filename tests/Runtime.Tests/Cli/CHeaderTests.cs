using System.Globalization;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

[Needs(Need.Tools)]
public sealed class CHeaderTests
{
    public static TheoryData<string, string> Compilers => new()
    {
        { "gcc", "-m64 -std=c11 -pedantic" },
        { "gcc", "-m32 -std=c11 -pedantic" },
        { "gcc", "-m32 -ffreestanding" },
        { "gcc", "-m64 -std=gnu17" },
    };

    [Theory]
    [MemberData(nameof(Compilers))]
    public void The_header_of_everything_compiles_by_itself(string compiler, string options)
    {
        using var folder = new TemporaryFolder();
        folder.Write("all.h", CliRun.Start("layout", "--c").Succeeded());
        folder.Write("use.c", "#include \"all.h\"\n#include \"all.h\"\nstruct start_info info;\n");
        Compile(folder, compiler, options, "use.c");
    }

    [Fact]
    public void Each_header_brings_along_what_it_needs()
    {
        using var folder = new TemporaryFolder();
        SpecStructure[] structures = [.. SpecCatalog.Structures.Where(static structure => !structure.Variants[0].Fields.IsEmpty)];
        foreach (SpecStructure structure in structures)
        {
            string name = structure.Name;
            folder.Write($"{name}.h", CliRun.Start("layout", name, "--c").Succeeded());
            folder.Write($"{name}.c", string.Create(CultureInfo.InvariantCulture, $"#include \"{name}.h\"\nstruct {name} it;\n"));
        }

        foreach (string bits in new[] { "-m32", "-m64" })
            Compile(folder, "gcc", bits, [.. structures.Select(structure => $"{structure.Name}.c")]);
    }

    [Fact]
    public void An_assertion_fails_where_the_layout_is_another()
    {
        using var folder = new TemporaryFolder();
        string header = CliRun.Start("layout", "setup_header", "--c").Succeeded();
        folder.Write("wrong.c", header.Replace("uint32_t syssize;", "uint64_t syssize;", StringComparison.Ordinal));
        ToolRun run = ToolRun.Start("gcc", ["-fsyntax-only", "wrong.c"], folder.Path);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("setup_header: size", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_comments_that_c_does_not_know_are_changed()
    {
        Assert.All(
            (string[])["class", "and", "nullptr", "alignas", "i386"], static word => Assert.Equal($"{word}_", BootProtocol.Cli.Layouts.CName.Field(word)));
        Assert.Equal("klass", BootProtocol.Cli.Layouts.CName.Field("klass"));
        Assert.Equal("a * / b / * c", BootProtocol.Cli.Layouts.CName.Comment("a */\nb /* c").Replace("  ", " ", StringComparison.Ordinal));
    }

    [Fact]
    public void Odd_unions_and_gaps_keep_their_places()
    {
        using var folder = new TemporaryFolder();
        using var text = new StringWriter { NewLine = "\n" };
        BootProtocol.Cli.Layouts.CHeader.Write([Odd()], text);
        folder.Write("odd.h", text.ToString());
        Compile(folder, "gcc", "-m64", "odd.h");
        Compile(folder, "gcc", "-m32", "odd.h");
    }

    /// <summary>A union of 5 bytes at a place that is not aligned for its members, then a byte, a gap, and trailing room.</summary>
    private static SpecStructure Odd() => new()
    {
        Name = "odd",
        Protocol = "test",
        Doc = "An odd one.",
        Variants =
        [
            new SpecVariant
            {
                Bits = 0,
                Size = 24,
                Alignment = 4,
                FloorLength = 24,
                Fields =
                [
                    Field("first", "u32", SpecKind.Unsigned, 0, 4),
                    Field("number", "u32", SpecKind.Unsigned, 4, 4),
                    Field("text", "char[5]", SpecKind.Text, 4, 5),
                    Field("byte", "u8", SpecKind.Unsigned, 9, 1),
                    Field("last", "u32", SpecKind.Unsigned, 16, 4),
                ],
            },
        ],
    };

    private static SpecField Field(string name, string type, SpecKind kind, int offset, int size) =>
        new() { Name = name, Type = type, Kind = kind, Offset = offset, Size = size, ElementSize = size, Doc = name };

    private static void Compile(TemporaryFolder folder, string compiler, string options, params string[] files)
    {
        string[] arguments = [.. options.Split(' '), "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", .. files];
        ToolRun.Start(compiler, arguments, folder.Path).Succeeded();
    }
}
