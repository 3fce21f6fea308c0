using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Checks;
using BootProtocol.Runtime.Tests.Decompress;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>Unified kernel images with other sections: headers as binutils reads them, contents as they were given.</summary>
public sealed partial class UnifiedKernelTests
{
    private static readonly byte[] _kernel = RepackCases.Kernel();
    private static readonly byte[] _linux = RepackCases.Image(_kernel);

    [Fact]
    public void Sections_are_replaced_added_and_removed()
    {
        byte[] initrd = [.. "070701"u8, .. Bytes(9001)];
        byte[] image = RepackCases.Repack(Uki(PeFile.Stub()), new ImageRepacker
        {
            CommandLine = "quiet ü",
            Initramfs = initrd,
            Sections = [new(".osrel", null), new(".uname", "9.9.9"u8.ToArray()), new(".splash", Array.Empty<byte>())],
        });
        using var opened = BootImage.Open(image);
        UnifiedKernelImage unified = opened.UnifiedKernel!;
        Assert.Equal([".cmdline", ".initrd", ".linux", ".uname", ".splash"], unified.Sections.Select(section => section.Name));
        Assert.Equal("quiet ü", unified.Profiles[0].CommandLine);
        Assert.Equal(initrd, unified.Profiles[0].Find(".initrd")!.Bytes.ToArray());
        Assert.Equal(_linux, unified.Profiles[0].Kernel.ToArray());
        Assert.Equal("9.9.9", unified.Profiles[0].Find(".uname")!.Text);
        Assert.Equal(0, unified.Profiles[0].Find(".splash")!.Length);
        CheckLayout(image);
    }

    /// <summary>What the kernel could not unpack is refused, as it is where the archive is linked into the kernel.</summary>
    [Fact]
    public void An_initial_ramdisk_is_an_archive_packed_or_not()
    {
        (byte[] Bytes, string Found)[] others =
        [
            ([], "an empty file"), (new byte[512], "zeros"), ("abc"u8.ToArray(), "a text"), ([0x7f, .. "ELF\u0002\u0001"u8, 1, 0], "an ELF file"),
            ([.. "hsqs"u8, .. Bytes(100)], "a squashfs file system"), ([.. "070707"u8, .. Bytes(100)], "a cpio archive"),
            ([0xfe, .. Bytes(9)], "something else"),
        ];
        foreach ((byte[] bytes, string found) in others)
        {
            string line = Refused(Uki(PeFile.Stub()), new ImageRepacker { Initramfs = bytes });
            Assert.Equal($"initramfs: expected a cpio archive of the form newc, packed or not: the kernel takes nothing else, found {found}", line);
        }

        byte[] archive = CheckCases.Archive();
        foreach (byte[] right in (byte[][])[archive, PackedImage.Gzip(archive), [0, 0, 0, 0, .. archive], [.. "070702"u8, .. Bytes(100)]])
        {
            using var opened = BootImage.Open(RepackCases.Repack(Uki(PeFile.Stub()), new ImageRepacker { Initramfs = right }));
            Assert.Equal(right, opened.UnifiedKernel!.Profiles[0].Find(".initrd")!.Bytes.ToArray());
        }
    }

    [Theory]
    [Needs(Need.Kernels)]
    [InlineData("systemd-stub")]
    [InlineData("systemd-stub-sid")]
    public void The_headers_are_those_that_objdump_reads(string package)
    {
        byte[] stub = File.ReadAllBytes(Fetched.Find("kernels", package, "linuxx64.efi.stub"));
        byte[] before = Uki(stub);
        byte[] initrd = [.. "070701"u8, .. Bytes(0x1233f)];
        byte[] after = RepackCases.Repack(before, new ImageRepacker
        {
            Initramfs = initrd,
            CommandLine = "other",
            Sections = [new(".osrel", null), new(".uname", "9"u8.ToArray())],
        });
        CheckLayout(after);
        using var folder = new TemporaryFolder();
        List<(string Name, long Size, long Address, long Offset)> old = ObjdumpSections(folder, before);
        List<(string Name, long Size, long Address, long Offset)> now = ObjdumpSections(folder, after);

        // The program itself is where it was, byte for byte.
        foreach (var section in old.Where(section => section.Name is not (".osrel" or ".cmdline" or ".initrd" or ".linux")))
        {
            Assert.Contains(section, now);
            Assert.Equal(
                before[(int)section.Offset..(int)(section.Offset + section.Size)], after[(int)section.Offset..(int)(section.Offset + section.Size)]);
        }

        Assert.Equal(old.Count, now.Count);
        (string Name, byte[] Contents)[] expected = [(".initrd", initrd), (".cmdline", "other"u8.ToArray()), (".uname", "9"u8.ToArray()), (".linux", _linux)];
        foreach ((string name, byte[] contents) in expected)
        {
            var section = now.Single(section => section.Name == name);
            Assert.Equal(contents.Length, section.Size);
            Assert.Equal(contents, after[(int)section.Offset..(int)(section.Offset + section.Size)]);
        }

        string headers = ToolRun.Start("objdump", ["-p", folder.File("image")], folder.Path).Succeeded();
        long end = now.Max(section => section.Address + section.Size) - ImageBase(headers);
        Assert.InRange(Number(headers, "SizeOfImage"), end, end + 0x1000);

        // Both stubs differ in that: Debian 12's has a checksum, which has to be right, and Debian sid's has none.
        Assert.Equal(Number(headers, "CheckSum") == 0, PeHeaderChecksum(stub) == 0);
    }

    [Fact]
    public void What_fits_into_its_place_moves_nothing_behind_it()
    {
        byte[] before = Uki(PeFile.Stub());
        byte[] after = RepackCases.Repack(before, new ImageRepacker { CommandLine = "another one of the same page" });
        Assert.Equal(before.Length, after.Length);
        Assert.Equal(Addresses(before), Addresses(after));
    }

    [Fact]
    public void Headers_grow_where_there_is_room_in_front_of_the_first_section()
    {
        // Four section headers end at 0x228.
        byte[] stub = PeFile.Stub();
        Pe32PlusOptionalHeader.Edit(stub.AsSpan(0x80 + PeHeader.Layout.Size)).HeaderSize = 0x240;
        byte[] narrow = Uki(stub);
        byte[] wide = RepackCases.Repack(narrow, new ImageRepacker
        {
            Sections = [.. new[] { ".uname", ".ucode", ".splash", ".dtb", ".pcrpkey", ".sbat" }.Select(name => new SectionChange(name, Bytes(10)))],
        });
        CheckLayout(wide);
        using var opened = BootImage.Open(wide);
        Assert.Equal(10, opened.UnifiedKernel!.Sections.Length);
        Assert.All(opened.UnifiedKernel!.Sections.Skip(4), section => Assert.Equal(Bytes(10), section.Bytes.ToArray()));
        Assert.True(opened.TryGetPe(out PeView pe) && pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader header) && header.HeaderSize == 0x400);

        // In front of a section at 0x240 there is none.
        byte[] full = Uki(stub);
        Assert.True(BootImage.Open(full).TryGetPe(out PeView view));
        int table = 0x80 + PeHeader.Layout.Size + view.Header.OptHdrSize;
        SectionHeader.Edit(full.AsSpan(table)).VirtualAddress = 0x240;
        IEnumerable<SectionChange> more = new[] { ".uname", ".ucode", ".splash" }.Select(name => new SectionChange(name, Bytes(10)));
        string line = Refused(full, new ImageRepacker { Sections = [.. more] });
        Assert.StartsWith("section_header: expected at most 576 bytes of headers, the room in front of the first section", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_in_it_gets_another_kernel()
    {
        using var opened = BootImage.Open(Uki(PeFile.Stub()));
        RepackedImage repacked = new ImageRepacker { Vmlinux = RepackCases.Changed(_kernel) }.Repack(opened);
        Assert.Equal(PayloadFormat.Gzip, repacked.Packing!.Format);
        Assert.Equal(RepackCases.Changed(_kernel), RepackCases.KernelOf(repacked.ToArray()));
        CheckLayout(repacked.ToArray());
    }

    [Fact]
    public void Signatures_are_refused_unless_they_may_be_stripped()
    {
        byte[] plain = Uki(PeFile.Stub(), (".pcrsig", "{}"u8.ToArray()));
        byte[] image = WithCertificates(plain);
        string line = Refused(image, new ImageRepacker { CommandLine = "x" });
        Assert.Equal($"signature at offset 0x{plain.Length:x}: expected an image without one, or that it may be stripped, found one of 16 bytes", line);
        byte[] stripped = RepackCases.Repack(image, new ImageRepacker { StripSignature = true });
        using var opened = BootImage.Open(stripped);
        Assert.Empty(opened.Signatures);
        Assert.Null(opened.UnifiedKernel!.Profiles[0].Find(".pcrsig"));
        Assert.Equal(_linux, opened.UnifiedKernel!.Profiles[0].Kernel.ToArray());
        CheckLayout(stripped);

        // That of the measurements alone stands in the way of a change, unless it is changed, too.
        line = Refused(plain, new ImageRepacker { CommandLine = "x" });
        Assert.StartsWith("section .pcrsig: expected an image without a signature of its measurements", line, StringComparison.Ordinal);
        byte[] signed = RepackCases.Repack(plain, new ImageRepacker { CommandLine = "x", Sections = [new(".pcrsig", "{\"a\":1}"u8.ToArray())] });
        using var other = BootImage.Open(signed);
        Assert.Equal("{\"a\":1}", other.UnifiedKernel!.Profiles[0].Find(".pcrsig")!.Text);

        byte[] inside = [.. image, 0];
        Assert.Contains("that end with the file", Assert.Throws<BootFormatException>(
            () => RepackCases.Repack(inside, new ImageRepacker { StripSignature = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_asked_for_is_one_line()
    {
        byte[] image = Uki(PeFile.Stub());
        Assert.Equal("section .splash: expected a section of this name to remove, found none", Refused(image, Change(".splash", null)));
        Assert.Equal("section .linux: expected a unified kernel image that has a kernel afterwards, found its removal", Refused(image, Change(".linux", null)));
        foreach (byte[] other in (byte[][])[[], "abc"u8.ToArray(), new byte[5000]])
            Assert.Equal("section .linux: expected a kernel image: a bzImage or an EFI program, found another file", Refused(image, Change(".linux", other)));
        string line = Refused(image, Change(".text", []));
        Assert.StartsWith("section .text: expected a section that is part of unified kernel images", line, StringComparison.Ordinal);
        Assert.Equal(
            "section .cmdline: expected one change of a section, found two",
            Refused(image, new ImageRepacker { CommandLine = "a", Sections = [new(".cmdline", Bytes(1))] }));
        byte[] twice = Uki(PeFile.Stub(), (".initrd", Bytes(3)));
        Assert.Equal("section .initrd: expected one section of this name, found 2", Refused(twice, Change(".initrd", [])));
        byte[] profiles = Uki(PeFile.Stub(), (".profile", "ID=a"u8.ToArray()), (".profile", "ID=b"u8.ToArray()));
        line = Refused(profiles, Change(".initrd", []));
        Assert.StartsWith("section .profile: expected a unified kernel image of one profile", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_or_broken_one_is_refused()
    {
        byte[] image = Uki(PeFile.Stub());
        foreach (int length in (int[])[image.Length - 600, 0x1400])
            Assert.Throws<BootFormatException>(() => RepackCases.Repack(image[..length], new ImageRepacker { CommandLine = "x" }));
        Assert.True(BootImage.Open(image).TryGetPe(out PeView view));
        int table = 0x80 + PeHeader.Layout.Size + view.Header.OptHdrSize;
        byte[] overlapping = (byte[])image.Clone();
        SectionHeader.Edit(overlapping.AsSpan(table)).DataAddr = SectionHeader.Parse(overlapping.AsSpan(table + SectionHeader.Layout.Size)).DataAddr;
        Assert.Contains("apart from those of other sections", Assert.Throws<BootFormatException>(
            () => RepackCases.Repack(overlapping, new ImageRepacker { CommandLine = "x" })).Message, StringComparison.Ordinal);
        byte[] unaligned = (byte[])image.Clone();
        Pe32PlusOptionalHeader.Edit(unaligned.AsSpan(0x80 + PeHeader.Layout.Size)).FileAlign = 100;
        Assert.Contains("pe_opt_hdr.file_align: expected a power of two", Assert.Throws<BootFormatException>(
            () => RepackCases.Repack(unaligned, new ImageRepacker { CommandLine = "x" })).Message, StringComparison.Ordinal);
    }

    /// <summary>The checksums that binutils and Debian's signing wrote.</summary>
    [Theory]
    [Needs(Need.Kernels)]
    [InlineData("systemd-stub", "linuxx64.efi.stub")]
    [InlineData("trixie-amd64", "vmlinuz")]
    [InlineData("bookworm-signed-amd64", "vmlinuz")]
    public void Checksums_are_those_of_other_programs(string package, string name)
    {
        byte[] file = File.ReadAllBytes(Fetched.Find("kernels", package, name));
        uint stated = PeHeaderChecksum(file);
        Assert.NotEqual(0u, stated);
        Assert.True(PeFields.ClearChecksum(file));
        PeFields.SetChecksum(file);
        Assert.Equal(stated, PeHeaderChecksum(file));
    }

    /// <summary>Sections lie apart from each other, in the file and in memory, each at a multiple of its alignment, and the sizes say so.</summary>
    private static void CheckLayout(byte[] image)
    {
        using var opened = BootImage.Open(image);
        Assert.True(opened.TryGetPe(out PeView pe));
        Assert.True(pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader header));
        long file = header.HeaderSize, memory = header.HeaderSize;
        var places = new List<(long Offset, long Size)>();
        foreach (SectionHeader section in pe.Sections)
        {
            Assert.True(section.VirtualAddress >= memory, $"a section at 0x{section.VirtualAddress:x} in front of 0x{memory:x}");
            memory = section.VirtualAddress + Math.Max(section.VirtualSize, 1L);
            if (section.RawDataSize > 0)
                places.Add((section.DataAddr, section.RawDataSize));
        }

        foreach ((long offset, long size) in places.Order())
        {
            Assert.True(offset >= file && offset % header.FileAlign == 0 && size % header.FileAlign == 0);
            file = offset + size;
        }

        Assert.Equal(image.Length, file);
        Assert.InRange(header.ImageSize, memory, memory + header.SectionAlign - 1);
        if (header.Csum != 0)
            Assert.Equal(Sum(image, (int)pe.ChecksumOffset), header.Csum);
    }

    /// <summary>The checksum, word by word as the format's document has it.</summary>
    private static uint Sum(byte[] file, int field)
    {
        uint sum = 0;
        for (int i = 0; i < file.Length; i += 2)
        {
            int low = i >= field && i < field + 4 ? 0 : file[i];
            int high = i + 1 >= file.Length || (i + 1 >= field && i + 1 < field + 4) ? 0 : file[i + 1];
            sum += (uint)(low | (high << 8));
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return sum + (uint)file.Length;
    }

    private static byte[] Uki(byte[] stub, params (string Name, byte[] Bytes)[] more) => PeFile.Add(
        stub, [(".osrel", "ID=test\n"u8.ToArray()), (".cmdline", "console=ttyS0"u8.ToArray()), (".initrd", Bytes(700)), (".linux", _linux), .. more]);

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Puts a table of certificates behind a file: one, of 16 bytes.</summary>
    private static byte[] WithCertificates(byte[] image)
    {
        byte[] file = [.. image, 16, 0, 0, 0, 0, 2, 2, 0, .. new byte[8]];
        Assert.True(BootImage.Open(image).TryGetPe(out PeView pe));
        DataDirectoryEntry.Writer entry = DataDirectoryEntry.Edit(
            file.AsSpan((int)pe.DirectoryOffset + ((int)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size)));
        entry.VirtualAddress = (uint)image.Length;
        entry.Size = 16;
        return file;
    }

    private static ImageRepacker Change(string name, byte[]? contents) =>
        new() { Sections = [contents is null ? new SectionChange(name, null) : new SectionChange(name, contents)] };

    private static string Refused(byte[] image, ImageRepacker repacker) =>
        Assert.Throws<BootRequestException>(() => RepackCases.Repack(image, repacker)).Message;

    private static List<uint> Addresses(byte[] image)
    {
        using var opened = BootImage.Open(image);
        Assert.True(opened.TryGetPe(out PeView pe));
        var addresses = new List<uint>();
        foreach (SectionHeader section in pe.Sections)
            addresses.Add(section.VirtualAddress);
        return addresses;
    }

    private static uint PeHeaderChecksum(byte[] file)
    {
        using var opened = BootImage.Open(file);
        return opened.TryGetPe(out PeView pe) ? BitConverter.ToUInt32(file, (int)pe.ChecksumOffset) : 0;
    }

    private static List<(string Name, long Size, long Address, long Offset)> ObjdumpSections(TemporaryFolder folder, byte[] image)
    {
        File.WriteAllBytes(folder.File("image"), image);
        string output = ToolRun.Start("objdump", ["-h", "-w", folder.File("image")], folder.Path).Succeeded();
        return
        [
            .. Row().Matches(output).Select(match => (
                match.Groups[1].Value, Hexadecimal(match.Groups[2].Value), Hexadecimal(match.Groups[3].Value), Hexadecimal(match.Groups[4].Value))),
        ];
    }

    private static long ImageBase(string headers) => Number(headers, "ImageBase");

    private static long Number(string headers, string name) =>
        Hexadecimal(Regex.Match(headers, $@"^{name}\s+([0-9a-f]+)", RegexOptions.Multiline).Groups[1].Value);

    private static long Hexadecimal(string text) => long.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*\d+ (\S+)\s+([0-9a-f]+)  ([0-9a-f]+)  [0-9a-f]+  ([0-9a-f]+)", RegexOptions.Multiline)]
    private static partial Regex Row();
}
