using System.Text;
using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>What <c>inspect</c> and <c>notes</c> say about the kernel in an image.</summary>
[Needs(Need.Kernels)]
public sealed class KernelCommandTests
{
    public static TheoryData<string, string, string, string> Images => new()
    {
        { "6.1-cloud-amd64", "lz4", "64 inverse_32 32", "linux64 linux32 pvh xen-pv" },
        { "6.12-amd64", "zstd", "64 inverse_32 32", "linux64 linux32 pvh xen-pv" },
        { "6.1-686-pae", "xz", "32", "linux32 pvh" },
        { "bookworm-signed-amd64", "xz", "64 inverse_32 32", "linux64 linux32 pvh xen-pv" },
        { "installer-amd64", "xz", "64 inverse_32 32", "linux64 linux32 pvh xen-pv" },
        { "installer-i386", "xz", "32", "linux32" },
        { "trixie-amd64", "zstd", "64 inverse_32 32", "linux64 linux32 pvh xen-pv" },
        { "trixie-rt-amd64", "zstd", "64 inverse_32 32", "linux64 linux32 pvh xen-pv" },
        { "sid-amd64", "zstd", "64 32", "linux64 linux32 pvh xen-pv" },
        { "sid-cloud-amd64", "zstd", "64 32", "linux64 linux32 pvh xen-pv" },
        { "grub-xen-sid/grub-i386-xen.bin", "none", "", "xen-pv" },
        { "grub-xen-sid/grub-x86_64-xen.bin", "none", "", "xen-pv" },
        { "grub-xen-sid/grub-i386-xen_pvh.bin", "none", "", "pvh" },
        { "gnumach-xen-486/gnumach.gz", "gzip", "", "xen-pv" },
        { "gnumach-xen-amd64/gnumach.gz", "gzip", "", "" },
        { "xen-shim-4.17/xen-shim", "none", "", "pvh" },
        { "xen-shim-4.20/xen-shim", "none", "", "pvh" },
        { "grub-i386-xen.bin", "none", "", "xen-pv" },
        { "grub-x86_64-xen.bin", "none", "", "xen-pv" },
        { "grub-i386-xen_pvh.bin", "none", "", "pvh" },
        { "xen", "gzip", "", "" },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void Json_has_the_documented_shape(string name, string format, string lists, string ways)
    {
        using var json = JsonDocument.Parse(CliRun.Start("inspect", "--json", PathOf(name)).Succeeded());
        JsonElement root = json.RootElement;
        JsonElement payload = root.GetProperty("payload");
        Assert.Equal(["format", "offset", "length", "decompressed_size"], payload.EnumerateObject().Select(property => property.Name));
        Assert.Equal(format, payload.GetProperty("format").GetString());
        if (name != "xen")
            Assert.Equal(DecodedKernels.Bytes(name).Length, payload.GetProperty("decompressed_size").GetInt32());

        JsonElement elf = root.GetProperty("elf");
        Assert.Equal(["class", "entry", "segments"], elf.EnumerateObject().Select(property => property.Name));
        Assert.StartsWith("0x", elf.GetProperty("entry").GetString(), StringComparison.Ordinal);
        Assert.All(elf.GetProperty("segments").EnumerateArray(), segment =>
        {
            Assert.Equal(
                ["type", "offset", "vaddr", "paddr", "filesz", "memsz", "flags"],
                segment.EnumerateObject().Select(property => property.Name));
            Assert.StartsWith("PT_", segment.GetProperty("type").GetString(), StringComparison.Ordinal);
            Assert.StartsWith("0x", segment.GetProperty("paddr").GetString(), StringComparison.Ordinal);
            Assert.True(segment.GetProperty("filesz").GetInt64() >= 0);
        });
        CheckNotes(root.GetProperty("notes"));

        JsonElement relocations = root.GetProperty("relocations");
        Assert.Equal(
            lists,
            relocations.ValueKind == JsonValueKind.Null
                ? ""
                : string.Join(' ', relocations.EnumerateObject().Where(list => list.Value.GetInt32() > 0).Select(list => list.Name)));
        Assert.Equal(ways, string.Join(' ', root.GetProperty("boots").EnumerateArray()
            .Where(way => way.GetProperty("possible").GetBoolean())
            .Select(way => way.GetProperty("name").GetString())
            .Where(way => name != "xen" || way != "pvh")));
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Notes_are_those_of_inspect(string name, string format, string lists, string ways)
    {
        _ = format + lists + ways;
        using var all = JsonDocument.Parse(CliRun.Start("inspect", "--json", PathOf(name)).Succeeded());
        using var notes = JsonDocument.Parse(CliRun.Start("notes", "--json", PathOf(name)).Succeeded());
        Assert.Equal(["file", "notes"], notes.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(all.RootElement.GetProperty("notes").GetRawText(), notes.RootElement.GetProperty("notes").GetRawText());
        CheckNotes(notes.RootElement.GetProperty("notes"));
    }

    [Theory]
    [InlineData("6.12-amd64", "Xen", 1, "ENTRY", JsonValueKind.String)]
    [InlineData("6.12-amd64", "Xen", 19, "PHYS32_RELOC", JsonValueKind.Array)]
    [InlineData("6.12-amd64", "Xen", 17, "SUPPORTED_FEATURES", JsonValueKind.Object)]
    [InlineData("6.12-amd64", "GNU", 3, "NT_GNU_BUILD_ID", JsonValueKind.String)]
    [InlineData("grub-x86_64-xen.bin", "Xen", 6, "GUEST_OS", JsonValueKind.String)]
    [InlineData("grub-x86_64-xen.bin", "Xen", 3, "VIRT_BASE", JsonValueKind.String)]
    [InlineData("grub-i386-xen.bin", "Xen", 9, "PAE_MODE", JsonValueKind.String)]
    public void Notes_have_names_and_values(string name, string owner, uint type, string noteName, JsonValueKind kind)
    {
        using var json = JsonDocument.Parse(CliRun.Start("notes", PathOf(name), "--json").Succeeded());
        JsonElement note = json.RootElement.GetProperty("notes").EnumerateArray().Single(
            candidate => candidate.GetProperty("owner").GetString() == owner && candidate.GetProperty("type").GetUInt32() == type);
        Assert.Equal(noteName, note.GetProperty("name").GetString());
        Assert.Equal(kind, note.GetProperty("value").ValueKind);
    }

    [Fact]
    public void Counts_of_relocations_agree_with_an_independent_count()
    {
        byte[] kernel = DecodedKernels.Bytes("6.1-cloud-amd64");
        using var json = JsonDocument.Parse(CliRun.Start("inspect", "--json", PathOf("6.1-cloud-amd64")).Succeeded());

        // From the end of the kernel backwards, as the kernel itself reads them: each list ends at a zero.
        int at = kernel.Length;
        foreach (string list in new[] { "32", "inverse_32", "64" })
        {
            int count = 0;
            for (at -= 4; BitConverter.ToInt32(kernel, at) != 0; at -= 4)
                count++;
            Assert.Equal(count, json.RootElement.GetProperty("relocations").GetProperty(list).GetInt32());
        }
    }

    [Fact]
    public void The_report_tells_it_to_people_too()
    {
        string report = CliRun.Start("inspect", PathOf("6.1-686-pae")).Succeeded();
        Assert.Contains("xz, ", report, StringComparison.Ordinal);
        Assert.Contains("ELF, 32 bits, entry 0x1000000", report, StringComparison.Ordinal);
        Assert.Contains("\n  boots by        linux32, pvh\n", report, StringComparison.Ordinal);
        Assert.Matches("\n  not by linux64  .*it is a 32-bit kernel", report);
        Assert.Contains("PT_LOAD", report, StringComparison.Ordinal);
        Assert.Contains("\"xen-3.0\"", report, StringComparison.Ordinal);
        Assert.DoesNotContain(" \n", report, StringComparison.Ordinal);
        Assert.Contains("LOADER", CliRun.OnTerminal(false, "notes", PathOf("6.1-686-pae")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_header_alone_decodes_nothing()
    {
        // All of the payload but its magic number is broken.
        byte[] bytes = File.ReadAllBytes(PathOf("6.1-cloud-amd64"));
        using var image = BootImage.Open(bytes);
        int start = image.SetupLength + (int)image.SetupHeader.PayloadOffset!.Value;
        bytes.AsSpan(start + 4, 1 << 20).Fill(0xff);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), bytes);

        using var json = JsonDocument.Parse(CliRun.Start("inspect", "--header", "--json", folder.File("image")).Succeeded());
        Assert.Equal(
            [
                "file", "kind", "compressions", "protocol", "kernel_version", "else_by", "size", "payload", "signatures", "setup_header",
                "kernel_info", "pe", "remarks", "faults",
            ],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(
            DecodedKernels.Bytes("6.1-cloud-amd64").Length, json.RootElement.GetProperty("payload").GetProperty("decompressed_size").GetInt32());
        Assert.Contains("lz4, ", CliRun.Start("inspect", "--header", folder.File("image")).Succeeded(), StringComparison.Ordinal);
        string line = CliRun.Start("inspect", folder.File("image")).Faulty();
        Assert.Contains("lz4 payload", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_guests_have_their_text_for_notes()
    {
        using var folder = new TemporaryFolder();
        byte[] text = Encoding.ASCII.GetBytes("GUEST_OS=linux,XEN_VER=xen-3.0,LOADER=generic\0");
        var elf = new TestElf { Word = WordSize.Bits32 };
        File.WriteAllBytes(folder.File("old"), elf.Add(new TestSection("__xen_guest", BootProtocol.Elf.SectionType.ProgramBits, text)).Build());
        using var json = JsonDocument.Parse(CliRun.Start("notes", "--json", folder.File("old")).Succeeded());
        JsonElement note = json.RootElement.GetProperty("notes")[1];
        Assert.Equal("__xen_guest", note.GetProperty("owner").GetString());
        Assert.Equal("XEN_VER", note.GetProperty("name").GetString());
        Assert.Equal("xen-3.0", note.GetProperty("value").GetString());
        Assert.Equal(JsonValueKind.Null, note.GetProperty("type").ValueKind);
    }

    private static void CheckNotes(JsonElement notes) => Assert.All(notes.EnumerateArray(), note =>
    {
        Assert.Equal(["owner", "type", "name", "value", "desc"], note.EnumerateObject().Select(property => property.Name));
        bool isText = note.GetProperty("owner").GetString() == "__xen_guest";
        Assert.Equal(isText ? JsonValueKind.Null : JsonValueKind.Number, note.GetProperty("type").ValueKind);
        if (!isText)
            _ = Convert.FromHexString(note.GetProperty("desc").GetString()!);
    });

    private static string PathOf(string name) => name == "xen"
        ? DebianKernels.Xen
        : DecodedKernels.Image(name);
}
