using System.Buffers.Binary;
using System.Diagnostics;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>Unified kernel images whose section headers are not those of today's tools.</summary>
public sealed class UnusualSectionTests : IDisposable
{
    private static readonly byte[] _linux = RepackCases.Image(RepackCases.Kernel());

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A section without a size in memory has there what it has in the file: nothing is put upon it, and the image ends behind it.</summary>
    [Fact]
    public void A_section_without_a_size_in_memory_takes_its_size_in_the_file()
    {
        byte[] image = PeFile.Add(PeFile.Stub(), (".linux", _linux));
        SectionHeader.Edit(image.AsSpan(PeFile.HeaderOf(image, ".linux"))).VirtualSize = 0;
        byte[] after = RepackCases.Repack(image, new ImageRepacker { Sections = [new(".uname", "9"u8.ToArray())] });
        SectionHeader linux = SectionHeader.Parse(after.AsSpan(PeFile.HeaderOf(after, ".linux")));
        SectionHeader added = SectionHeader.Parse(after.AsSpan(PeFile.HeaderOf(after, ".uname")));
        Assert.True(added.VirtualAddress >= linux.VirtualAddress + linux.RawDataSize);
        after = RepackCases.Repack(image, new ImageRepacker { StripSignature = true });
        using var opened = BootImage.Open(after);
        Assert.True(opened.TryGetPe(out PeView pe));
        Assert.True(pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader header));
        Assert.True(header.ImageSize >= linux.VirtualAddress + linux.RawDataSize);
    }

    /// <summary>All of a section's memory is measured: a text that takes another one's place has no zeros of that behind it.</summary>
    [Fact]
    public void What_takes_a_longer_place_has_its_own_size()
    {
        byte[] image = PeFile.Add(PeFile.Stub(), (".linux", _linux), (".cmdline", new byte[512]), (".osrel", "ID=x"u8.ToArray()));
        SectionHeader.Edit(image.AsSpan(PeFile.HeaderOf(image, ".cmdline"))).VirtualSize = 0x1000;
        byte[] after = RepackCases.Repack(image, new ImageRepacker { CommandLine = "quiet" });
        Assert.Equal(5u, SectionHeader.Parse(after.AsSpan(PeFile.HeaderOf(after, ".cmdline"))).VirtualSize);
    }

    /// <summary>Tools that add sections to a signed stub leave the place of its signature, which is one of a section's then.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void A_signature_of_the_stub_is_said_and_stripped_once_objcopy_has_put_sections_there()
    {
        using var authority = new TestAuthority(_folder);
        string stub = authority.Sign(DebianKernels.Find("systemd-stub-sid", "linuxx64.efi.stub"), authority.Issue("Tests"));
        File.WriteAllBytes(_folder.File("linux"), _linux);
        string[] arguments =
        [
            "--add-section", $".linux={_folder.File("linux")}", "--change-section-vma", ".linux=0x14ff90000", stub, _folder.File("image"),
        ];
        ToolRun.Start("objcopy", arguments, _folder.Path).Succeeded();
        byte[] image = File.ReadAllBytes(_folder.File("image"));
        using var opened = BootImage.Open(image);
        string line = Assert.Throws<BootFormatException>(() => opened.Signatures).Message;
        Assert.StartsWith("data_dirent.certs at offset 0x128: expected a place behind the sections, found ", line, StringComparison.Ordinal);
        Assert.EndsWith(", in section .linux: the file was changed after it was signed", line, StringComparison.Ordinal);
        line = Assert.Throws<BootRequestException>(() => RepackCases.Repack(image, new ImageRepacker { CommandLine = "x" })).Message;
        Assert.Contains("expected an image without one, or that it may be stripped", line, StringComparison.Ordinal);

        byte[] stripped = RepackCases.Repack(image, new ImageRepacker { CommandLine = "x", StripSignature = true });
        using var after = BootImage.Open(stripped);
        Assert.Empty(after.Signatures);
        Assert.Equal(_linux, after.UnifiedKernel!.Profiles[0].Kernel.ToArray());
        File.WriteAllBytes(_folder.File("stripped"), stripped);
        string signed = authority.Sign(_folder.File("stripped"), authority.Issue("Again"));
        ToolRun.Start("sbverify", ["--cert", authority.File, signed], _folder.Path).Succeeded();
    }

    /// <summary>The work grows with the number of sections, not with the square of it: that took minutes.</summary>
    [Fact]
    public void The_most_sections_are_laid_out_in_seconds()
    {
        const int Count = 65_000;
        byte[] plain = PeFile.Add(PeFile.Stub(), (".linux", _linux));
        int table = PeFile.HeaderOf(plain, ".linux");
        int headers = (table + ((Count + 2) * SectionHeader.Layout.Size) + 0xfff) & ~0xfff;
        byte[] image = [.. plain.AsSpan(0, table + SectionHeader.Layout.Size), .. new byte[headers - table - SectionHeader.Layout.Size], .. plain.AsSpan(0x1000)];
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x80 + 6), Count + 1);
        Pe32PlusOptionalHeader.Writer optional = Pe32PlusOptionalHeader.Edit(image.AsSpan(0x80 + PeHeader.Layout.Size));
        optional.HeaderSize = (uint)headers;
        optional.ImageSize = 0x100_0000 + ((Count + 1) * 0x1000);
        SectionHeader.Writer linux = SectionHeader.Edit(image.AsSpan(table));
        linux.VirtualAddress = (uint)headers;
        linux.DataAddr = (uint)headers;
        for (int i = 1; i <= Count; i++)
        {
            SectionHeader.Writer header = SectionHeader.Create(image.AsSpan(table + (i * SectionHeader.Layout.Size)));
            header.VirtualAddress = 0x100_0000 + ((uint)i * 0x1000);
            header.VirtualSize = 1;
        }

        var watch = Stopwatch.StartNew();
        byte[] after = RepackCases.Repack(image, new ImageRepacker { StripSignature = true });
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal(image, after);
    }
}
