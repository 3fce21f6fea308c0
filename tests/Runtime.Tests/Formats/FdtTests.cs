using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BootProtocol.Fdt;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Formats;

/// <summary>Flattened devicetrees: what dtc compiles is read, and fdtdump and dtc read what is written.</summary>
[Needs(Need.Tools)]
public sealed partial class FdtTests
{
    private static readonly Gen<string> _name = Gen.Char['a', 'z'].Array[1, 8].Select(static characters => new string(characters));

    private static readonly Gen<Node> _tree = Gen.Recursive<Node>((depth, inner) => Gen.Select(
        _name,
        Gen.Select(_name, Gen.Byte.Array[1, 20]).Array[0, 4],
        depth < 3 ? inner.Array[0, 3] : Gen.Const(Array.Empty<Node>()))
        .Select(static node => new Node(
            node.Item1,
            [.. node.Item2.DistinctBy(static property => property.Item1)],
            [.. node.Item3.DistinctBy(static child => child.Name)])));

    [Fact]
    public void What_dtc_compiles_is_read() => _tree.Sample(
        tree =>
        {
            using var folder = new TemporaryFolder();
            var source = new StringBuilder("/dts-v1/;\n/memreserve/ 0x1000 0x234;\n");
            Spell(source, tree, "/", 0);
            File.WriteAllText(Path.Combine(folder.Path, "tree.dts"), source.ToString());
            ToolRun.Start("dtc", ["-q", "-I", "dts", "-O", "dtb", "-o", "tree.dtb", "tree.dts"], folder.Path).Succeeded();
            byte[] file = File.ReadAllBytes(Path.Combine(folder.Path, "tree.dtb"));
            Assert.Equal(source.ToString(), Read(file));
            Assert.Equal(Names(Dump(folder, "tree.dtb")), Names(source.ToString()));
        },
        iter: 6,
        threads: 1);

    [Fact]
    public void Dtc_reads_what_is_written() => _tree.Sample(
        tree =>
        {
            using var folder = new TemporaryFolder();
            byte[] file = Write(tree);
            File.WriteAllBytes(Path.Combine(folder.Path, "own.dtb"), file);
            var expected = new StringBuilder("/dts-v1/;\n/memreserve/ 0x1000 0x234;\n");
            Spell(expected, tree, "/", 0);
            Assert.Equal(expected.ToString(), Read(file));
            Assert.Equal(Names(expected.ToString()), Names(Dump(folder, "own.dtb")));
            ToolRun.Start("dtc", ["-q", "-I", "dtb", "-O", "dtb", "-o", "again.dtb", "own.dtb"], folder.Path).Succeeded();
            Assert.Equal(expected.ToString(), Read(File.ReadAllBytes(Path.Combine(folder.Path, "again.dtb"))));
        },
        iter: 6,
        threads: 1);

    /// <summary>Reads a devicetree as its source.</summary>
    private static string Read(ReadOnlySpan<byte> file)
    {
        FdtHeader header = FdtHeader.Parse(file);
        Assert.Equal(((uint)file.Length, 17u), (header.Totalsize, header.Version));
        var text = new StringBuilder("/dts-v1/;\n");
        foreach (FdtReserveEntry entry in FdtReservations.Parse(file[(int)header.OffMemRsvmap..]).Entries)
        {
            if (entry.Size != 0)
                text.Append(CultureInfo.InvariantCulture, $"/memreserve/ 0x{entry.Address:x} 0x{entry.Size:x};\n");
        }

        ReadOnlySpan<byte> strings = file.Slice((int)header.OffDtStrings, (int)header.SizeDtStrings);
        int depth = 0;
        foreach (FdtToken token in FdtStructure.Parse(file.Slice((int)header.OffDtStruct, (int)header.SizeDtStruct)).Tokens)
        {
            if (token.Body.TryGetNode(out FdtNodeHeader node, out _))
                text.Append('\t', depth++).Append(node.Name.IsEmpty ? "/" : Encoding.ASCII.GetString(node.Name)).Append(" {\n");
            else if (token.Body.TryGetProperty(out FdtProperty property, out _))
                Spell(text, depth, Encoding.ASCII.GetString(FieldText.Cut(strings[(int)property.Nameoff..])), property.Value);
            else if (token.Body.Kind == FdtTokenBodyKind.EndNode)
                text.Append('\t', --depth).Append("};\n");
        }

        return text.ToString();
    }

    private static byte[] Write(Node tree)
    {
        byte[] buffer = new byte[1 << 16];
        FdtReservations.Builder reservations = FdtReservations.Build(buffer.AsSpan(FdtHeader.Layout.Size));
        FdtReserveEntry.Writer range = FdtReserveEntry.Create(reservations.AddEntries());
        range.Address = 0x1000;
        range.Size = 0x234;
        reservations.AddEntries();
        int at = FdtHeader.Layout.Size + reservations.Finish().Length;

        var strings = new StringBuilder();
        FdtStructure.Builder structure = FdtStructure.Build(buffer.AsSpan(at));
        Write(ref structure, strings, tree, isRoot: true);
        structure.AddTokens(Token(structure.RoomForTokens(), FdtTokenType.End, []));
        int size = structure.Finish().Length;

        FdtHeader.Writer header = FdtHeader.Create(buffer);
        header.OffMemRsvmap = (uint)FdtHeader.Layout.Size;
        header.OffDtStruct = (uint)at;
        header.SizeDtStruct = (uint)size;
        header.OffDtStrings = (uint)(at + size);
        header.SizeDtStrings = (uint)strings.Length;
        header.Version = 17;
        header.LastCompVersion = 16;
        header.Totalsize = (uint)(at + size + Encoding.ASCII.GetBytes(strings.ToString(), buffer.AsSpan(at + size)));
        return buffer[..(at + size + strings.Length)];
    }

    private static void Write(ref FdtStructure.Builder structure, StringBuilder strings, Node node, bool isRoot)
    {
        FdtNodeHeader.Builder head = FdtNodeHeader.Build(new byte[64]);
        head.SetName(isRoot ? "" : node.Name);
        structure.AddTokens(Token(structure.RoomForTokens(), FdtTokenType.BeginNode, head.Finish()));
        foreach ((string name, byte[] value) in node.Properties)
        {
            FdtProperty.Builder property = FdtProperty.Build(new byte[64]);
            property.Fixed().Nameoff = (uint)strings.Length;
            property.SetValue(value);
            structure.AddTokens(Token(structure.RoomForTokens(), FdtTokenType.Property, property.Finish()));
            strings.Append(name).Append('\0');
        }

        foreach (Node child in node.Children)
            Write(ref structure, strings, child, isRoot: false);
        structure.AddTokens(Token(structure.RoomForTokens(), FdtTokenType.EndNode, []));
    }

    private static Span<byte> Token(Span<byte> room, FdtTokenType type, ReadOnlySpan<byte> body)
    {
        FdtToken.Builder token = FdtToken.Build(room);
        token.SetBody(type, body);
        return token.Finish();
    }

    private static void Spell(StringBuilder text, Node node, string name, int depth)
    {
        text.Append('\t', depth).Append(name).Append(" {\n");
        foreach ((string property, byte[] value) in node.Properties)
            Spell(text, depth + 1, property, value);
        foreach (Node child in node.Children)
            Spell(text, child, child.Name, depth + 1);
        text.Append('\t', depth).Append("};\n");
    }

    private static void Spell(StringBuilder text, int depth, string property, ReadOnlySpan<byte> value)
    {
        text.Append('\t', depth).Append(property).Append(" = [");
        text.AppendJoin(' ', value.ToArray().Select(static item => item.ToString("x2", CultureInfo.InvariantCulture))).Append("];\n");
    }

    private static string Dump(TemporaryFolder folder, string file) => ToolRun.Start("fdtdump", [file], folder.Path).Succeeded();

    /// <summary>The names of nodes and properties, in order.</summary>
    private static IEnumerable<string> Names(string text) => Name().Matches(text).Select(static match => match.Groups[1].Value + match.Groups[2].Value);

    [GeneratedRegex(@"^\s*([a-z/]+)( \{| =)", RegexOptions.Multiline)]
    private static partial Regex Name();

    private sealed record Node(string Name, (string Name, byte[] Value)[] Properties, Node[] Children);
}
