using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.OwnSpecs.Nested;
using BootProtocol.Specs;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Arrays of arrays behind the fixed part, in rules, in C and in what the tool shows. AllStructuresTests has those in fixed places.</summary>
public sealed class NestedArrayTests
{
    /// <summary>What a shelf holds, in the order of its rows.</summary>
    private static readonly Gen<(byte[][] Hashes, ushort[] Numbers, ushort[] Cells, string[] Names)> _shelf = Gen.Int[0, 5].SelectMany(count => Gen.Select(
        Gen.Byte.Array[4].Array[count],
        Gen.OneOf(Gen.UShort.Array[4], Gen.Const(Array.Empty<ushort>())),
        Gen.UShort.Array[count * 2],
        Gen.Char['a', 'z'].Array[0, 3].Select(static letters => new string(letters)).Array[0, 4]));

    [Fact]
    public void What_is_built_is_read_by_view_and_table() => _shelf.Sample(shelf =>
    {
        Shelf.Builder builder = Shelf.Build(new byte[200]);
        foreach (byte[] hash in shelf.Hashes)
            hash.CopyTo(builder.AddHashes());
        builder.Fixed().Flags = (byte)(shelf.Numbers.Length > 0 ? 1 : 0);
        for (int row = 0; row < shelf.Numbers.Length; row += 2)
            Store(builder.AddNumbers(), shelf.Numbers.AsSpan(row, 2));
        for (int row = 0; row < shelf.Cells.Length; row += 2)
        {
            Span<byte> pair = builder.AddCells();
            Cell.Create(pair[..4]).A = shelf.Cells[row];
            Cell.Create(pair[4..]).A = shelf.Cells[row + 1];
        }

        foreach (string name in shelf.Names)
            System.Text.Encoding.ASCII.GetBytes(name).CopyTo(builder.AddNames());
        byte[] bytes = builder.Finish().ToArray();

        Shelf view = Shelf.Parse(bytes);
        var hashes = new List<byte[]>();
        foreach (ReadOnlySpan<byte> hash in view.Hashes)
            hashes.Add(hash.ToArray());
        Assert.Equal(shelf.Hashes, hashes);
        Assert.Equal(shelf.Numbers.Length > 0, view.TryGetNumbers(out ValueList<ValueList<ushort>> numbers));
        var flat = new List<ushort>();
        foreach (ValueList<ushort> row in numbers)
            flat.AddRange(row.ToArray());
        Assert.Equal(shelf.Numbers, flat);
        var cells = new List<ushort>();
        foreach (ViewList<Cell> row in view.Cells)
        {
            foreach (Cell cell in row)
                cells.Add(cell.A);
        }

        Assert.Equal(shelf.Cells, cells);
        var names = new List<string>();
        foreach (ReadOnlySpan<byte> name in view.Names)
            names.Add(System.Text.Encoding.ASCII.GetString(name));
        Assert.Equal(shelf.Names, names);

        SpecRecord record = SpecReader.Read(Shelf.Layout.Info, bytes);
        Assert.Equal(bytes.Length, record.Length);
        string spelled = string.Join(", ", shelf.Hashes.Select(Convert.ToHexStringLower));
        Assert.Equal($"[{spelled}]", record.Find("hashes")!.Value.ToString());
        Assert.Equal(shelf.Names.Length, ((SpecArray)record.Find("names")!.Value).Elements.Length);
    });

    [Fact]
    public void A_row_that_is_not_whole_is_refused()
    {
        Assert.False(Shelf.TryParse([1, 0, 1, 2, 3], out _, out ParseError error));
        Assert.Equal("shelf.hashes at offset 0x2: expected 4 bytes, found 3 bytes", error.ToString());
        Assert.False(Shelf.TryParse([0, 0, 1, 2, 3, 4], out _, out error));
        Assert.Equal("shelf.names at offset 0x2: expected whole elements of 3 bytes, found 4 bytes", error.ToString());
    }

    [Fact]
    public void Validate_finds_the_structure_in_the_arrays()
    {
        byte[] bytes = new byte[2 + (2 * (4 + 8))];
        bytes[0] = 2;
        bytes[2 + 8 + 12] = 0x80;
        bytes[2 + 8 + 7] = 1;
        Assert.Equal(
            [
                "cell at offset 0x11: expected zero bytes, found 0x1",
                "cell.a at offset 0x16: expected 0 to 0x7fff, found 0x8000",
            ],
            Shelf.Parse(bytes).Validate().Select(error => error.ToString()));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void A_compiler_puts_everything_where_the_spec_does()
    {
        using var folder = new TemporaryFolder();
        string spec = Repository.File("tests", "Runtime.Tests", "Views", "nested.bootspec");
        folder.Write("nested.h", CliRun.Start("layout", "--spec", spec, "--c").Succeeded());
        string header = File.ReadAllText(folder.File("nested.h"));
        Assert.Contains("int32_t cube[2][3][2];", header, StringComparison.Ordinal);
        Assert.Contains("char names[2][5];", header, StringComparison.Ordinal);
        Assert.Contains("struct two_words pairs[2][2];", header, StringComparison.Ordinal);
        foreach (string bits in new[] { "-m32", "-m64" })
            Assert.Equal(0, ToolRun.Start("gcc", ["-Wall", "-Werror", "-fsyntax-only", bits, "nested.h"], folder.Path).ExitCode);
    }

    [Fact]
    public void Dump_names_each_structure()
    {
        using var folder = new TemporaryFolder();
        string spec = Repository.File("tests", "Runtime.Tests", "Views", "nested.bootspec");
        byte[] bytes = [1, 0, 0xde, 0xad, 0xbe, 0xef, 0, 7, 0, 0, 0, 8, 0, 0, (byte)'a', (byte)'b', 0];
        File.WriteAllBytes(folder.File("shelf.bin"), bytes);
        string dump = CliRun.Start("dump", folder.File("shelf.bin"), "--spec", spec, "--struct", "shelf").Succeeded();
        Assert.Contains("cells[0][0].a", dump, StringComparison.Ordinal);
        Assert.Contains("cells[0][1].a", dump, StringComparison.Ordinal);
        Assert.Contains("""["ab"]""", dump, StringComparison.Ordinal);
    }

    private static void Store(Span<byte> row, ReadOnlySpan<ushort> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(row[(i * 2)..], numbers[i]);
    }
}
