using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Symbols;

public sealed class KernelExportsTests
{
    private const ulong Start = 0xffffffff_81000000;

    private static readonly (string Name, string Namespace)[] _exports = [("alloc_pages", ""), ("free_pages", "MEMORY"), ("printk", "")];

    /// <summary>The oracle: what the kernel's build itself says, in Debian's packages of headers.</summary>
    [Theory]
    [InlineData("6.1-cloud-amd64")]
    [InlineData("6.1-686-pae")]
    [InlineData("6.12-amd64")]
    [InlineData("sid-amd64")]
    [Needs(Need.Kernels)]
    public void Exports_are_those_of_the_kernels_build(string name)
    {
        string path = Fetched.Find("kernels", $"exports-{name}", "Module.symvers");
        string kernel = Version("kernels", name);
        string headers = Version("kernels", $"exports-{name}");
        Assert.SkipUnless(kernel == headers, $"the headers are of {headers}, the kernel of {kernel}: fetch both anew by tests/kernels.sh");
        string[] expected = [.. File.ReadLines(path).Where(line => line.Split('\t')[2] == "vmlinux").Order(StringComparer.Ordinal)];
        string listed = CliRun.Start("symbols", "--exports", DebianKernels.Find(name, "vmlinuz")).Succeeded();
        string[] seen = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(expected.Length > 9000);
        Assert.Equal(expected, seen.Order(StringComparer.Ordinal));

        // Exported symbols are symbols.
        KernelSymbols symbols = KernelSymbols.Read(DecodedKernels.Open(name))!;
        ILookup<string, ulong> addresses = symbols.ToLookup(symbol => symbol.Name, symbol => symbol.Address.Value);
        Assert.All(KernelExports.Read(DecodedKernels.Open(name))!.Value.Where(export => addresses.Contains(export.Name)), export =>
            Assert.Contains(export.Address.Value, addresses[export.Name]));
    }

    /// <summary>Forms of releases of which no image is at hand.</summary>
    [Theory]
    [InlineData(true, true, 64)]
    [InlineData(true, false, 64)]
    [InlineData(true, true, 32)]
    [InlineData(true, false, 32)]
    [InlineData(false, true, 64)]
    [InlineData(false, false, 64)]
    [InlineData(false, true, 32)]
    [InlineData(false, false, 32)]
    public void Every_form_is_read(bool isRelative, bool hasNamespace, int bits)
    {
        byte[] file = Build(isRelative, hasNamespace, bits, checksumBytes: bits == 64 && !isRelative ? 8 : 4);
        IReadOnlyList<KernelExport> exports = KernelExports.Read(ElfFile.Open(KernelBytes.FromMemory(file)))!.Value;
        Assert.Equal(_exports.Select(export => export.Name), exports.Select(export => export.Name));
        Assert.Equal(_exports.Select(export => hasNamespace ? export.Namespace : ""), exports.Select(export => export.NamespaceName));
        Assert.Equal([0x1000u, 0x1001u, 0x1002u], exports.Select(export => export.Crc));
        Assert.Equal([false, true, false], exports.Select(export => export.IsGplOnly));
        ulong start = bits == 64 ? Start : Start & uint.MaxValue;
        Assert.Equal([start + 0x10, start + 0x20, start + 0x30], exports.Select(export => export.Address.Value));
    }

    [Fact]
    public void The_command_takes_patterns_and_writes_json()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("vmlinux"), Build(true, true, 64, 4));
        Assert.Equal(
            "0x00001001\tfree_pages\tvmlinux\tEXPORT_SYMBOL_GPL\tMEMORY\n",
            CliRun.Start("symbols", folder.File("vmlinux"), "--exports", "--grep", "^free").Succeeded());
        using var json = JsonDocument.Parse(CliRun.Start("symbols", folder.File("vmlinux"), "--exports", "--json").Succeeded());
        IEnumerable<string?> names = json.RootElement.GetProperty("exports").EnumerateArray().Select(export => export.GetProperty("name").GetString());
        Assert.Equal(["alloc_pages", "free_pages", "printk"], names);
        Assert.Contains("exports nothing: built without MODULES", CliRun.Start("symbols", "--sample", "--exports").Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_without_names_is_refused()
    {
        byte[] file = Build(true, true, 64, 4);
        int at = file.AsSpan().IndexOf("printk"u8);
        file[at] = 0xff;
        ParseError error = Assert.Throws<BootFormatException>(() => KernelExports.Read(ElfFile.Open(KernelBytes.FromMemory(file)))).Error;
        Assert.Equal("__ksymtab", error.Structure);
    }

    /// <summary>Entries can be made to share one long name.</summary>
    [Fact]
    public void Names_take_no_more_memory_than_the_limits_allow()
    {
        var kernel = KernelBytes.FromMemory(Build(true, true, 64, 4));
        int names = _exports.Sum(static export => export.Name.Length + export.Namespace.Length);
        Assert.Equal(3, KernelExports.Read(ElfFile.Open(kernel, new Limits { MaximumDecoderMemory = names }))!.Value.Length);
        BootFormatException refused = Assert.Throws<BootFormatException>(
            () => KernelExports.Read(ElfFile.Open(kernel, new Limits { MaximumDecoderMemory = names - 1 })));
        Assert.Equal((BootErrorCode.TooLarge, "__ksymtab"), (refused.Code, refused.Structure));
        Assert.Equal($"at most {names - 1} bytes of names", refused.Expected);
    }

    /// <summary>A kernel without exports of one kind may have the section all the same, with nothing in it.</summary>
    [Fact]
    public void An_empty_table_exports_nothing()
    {
        TestElf elf = new TestElf { Word = WordSize.Bits64 }
            .Add(new TestSection("__ksymtab", SectionType.ProgramBits, []), new TestSection("__kcrctab", SectionType.ProgramBits, []));
        Assert.Null(KernelExports.Read(ElfFile.Open(KernelBytes.FromMemory(elf.Build()))));
    }

    private static string Version(string kind, string name) => Fetched.Find(kind, name, "PACKAGE") is var path
        ? File.ReadAllText(path).Trim().Split('_')[1]
        : "";

    /// <summary>Names first, then entries; the section's address is where the segment puts it.</summary>
    private static byte[] Build(bool isRelative, bool hasNamespace, int bits, int checksumBytes)
    {
        ulong start = bits == 64 ? Start : Start & uint.MaxValue;
        var image = new List<byte>(new byte[64]);
        var places = new List<(ulong Name, ulong Namespace)>();
        foreach ((string name, string space) in _exports)
        {
            ulong[] texts = new ulong[2];
            for (int i = 0; i < 2; i++)
            {
                texts[i] = start + (ulong)image.Count;
                image.AddRange(Encoding.ASCII.GetBytes((i == 0 ? name : space) + "\0"));
            }

            places.Add((texts[0], texts[1]));
        }

        while (image.Count % 64 != 0)
            image.Add(0);
        int table = image.Count;
        int field = isRelative || bits == 32 ? 4 : 8;
        for (int i = 0; i < places.Count; i++)
        {
            foreach (ulong target in ((ulong[])[start + (ulong)(0x10 * (i + 1)), places[i].Name, places[i].Namespace]).Take(hasNamespace ? 3 : 2))
            {
                byte[] number = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(number, unchecked(isRelative ? target - (start + (ulong)image.Count) : target));
                image.AddRange(number[..field]);
            }
        }

        byte[] sums = new byte[places.Count * checksumBytes];
        for (int i = 0; i < places.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(sums.AsSpan(i * checksumBytes), 0x1000u + (uint)i);
        byte[] entries = [.. image.Skip(table)];
        var elf = new TestElf { Word = bits == 64 ? WordSize.Bits64 : WordSize.Bits32 };
        return elf.Add(new TestSegment(SegmentType.Load, [.. image]) { VirtualAddress = start, Alignment = 64 })
            .Add(
                new TestSection("__ksymtab", SectionType.ProgramBits, entries) { Address = start + (ulong)table },
                new TestSection("__kcrctab", SectionType.ProgramBits, sums),
                new TestSection("__kflagstab", SectionType.ProgramBits, [0, 1, 0]))
            .Build();
    }
}
