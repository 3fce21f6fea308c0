using System.IO.Compression;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kernels.Options;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

public sealed class KernelConfigurationTests
{
    private const ulong Start = 0xffffffff_81000000;

    /// <summary>Nothing is stated that the configuration of the build does not say.</summary>
    [Theory]
    [Needs(Need.Kernels)]
    [InlineData("6.1-cloud-amd64", null)]
    [InlineData("6.1-686-pae", null)]
    [InlineData("6.12-amd64", null)]
    [InlineData("trixie-rt-amd64", null)]
    [InlineData("bookworm-signed-amd64", null)]
    [InlineData("trixie-amd64", null)]
    [InlineData("sid-amd64", "exports-sid-amd64")]
    public void What_kernels_prove_is_what_their_build_says(string name, string? package)
    {
        if (Fetched.IsNewer(name))
            Assert.Skip($"{name} is newer than these tests");
        HashSet<string> built = [.. File.ReadAllLines(DebianKernels.Find(package ?? name, "config"))];
        using var image = BootImage.Open(DebianKernels.Find(name, "vmlinuz"));
        using Kernel kernel = image.Decompress();
        KernelConfiguration stated = KernelConfiguration.Read(kernel);
        Assert.False(stated.IsComplete);
        Assert.All(stated, option => Assert.NotNull(option.Witness));
        Assert.All(stated, option => Assert.True(option.State is KernelOptionState.BuiltIn or KernelOptionState.NotBuiltIn));
        Assert.Equal(
            stated.Select(option => $"{option.Name} {built.Contains($"CONFIG_{option.Name}=y")} by {option.Witness}"),
            stated.Select(option => $"{option.Name} {option.State == KernelOptionState.BuiltIn} by {option.Witness}"));
        Assert.Equal(stated.Count, stated.Select(option => option.Name).Distinct().Count());
        Assert.True(stated.Count(option => option.State == KernelOptionState.BuiltIn) >= 60, $"{stated.Count} are stated");
        Assert.True(stated.Count(option => option.State == KernelOptionState.NotBuiltIn) >= 60, $"{stated.Count} are stated");
    }

    [Theory]
    [InlineData("Linux version 6.1.0-57-cloud-amd64 (gcc)", true, false)]
    [InlineData("Linux version 7.2.13+deb14 (gcc)", true, false)]
    [InlineData("Linux version 9.1 (gcc)", true, null)]
    [InlineData("Linux version 4.19.0 (gcc)", null, null)]
    public void Absence_proves_nothing_in_versions_that_nobody_looked_at(string banner, bool? present, bool? absent)
    {
        KernelConfiguration stated = Read(banner, "text4_fill", "tinit_squashfs_fs.isra.0", "t__x64_sys_kexec_load", "W__x64_sys_bpf", "wvirtio_init");
        Assert.Equal(present, stated.IsBuiltIn("SQUASHFS"));
        Assert.Equal(present, stated.IsBuiltIn("KEXEC"));
        Assert.Equal(absent, stated.IsBuiltIn("EXT4_FS"));
        Assert.Equal(absent, stated.IsBuiltIn("BPF_SYSCALL"));
        Assert.Equal(absent, stated.IsBuiltIn("VIRTIO"));
        Assert.Equal(absent, stated.IsBuiltIn("RUST"));
        Assert.Null(stated.IsBuiltIn("NO_SUCH_OPTION"));
        Assert.Equal(banner.Contains(" 9.") ? null : false, stated.IsBuiltIn("RD_XZ"));
        Assert.True(stated.TryFind("KALLSYMS", out KernelOption? table));
        Assert.Equal("CONFIG_KALLSYMS=y, table of symbols", $"{table}, {table.Witness}");
    }

    [Fact]
    public void Options_have_the_name_of_their_version()
    {
        KernelConfiguration before = Read("Linux version 6.8.0 (gcc)", "Tsrso_untrain_ret");
        KernelConfiguration after = Read("Linux version 6.9.0 (gcc)", "Tsrso_untrain_ret");
        Assert.Equal([true, null], [before.IsBuiltIn("CPU_SRSO"), before.IsBuiltIn("MITIGATION_SRSO")]);
        Assert.Equal([null, true], [after.IsBuiltIn("CPU_SRSO"), after.IsBuiltIn("MITIGATION_SRSO")]);

        // Part of XEN from then on.
        Assert.True(Read("Linux version 7.2.0 (gcc)", "txen_hvm_guest_late_init").IsBuiltIn("XEN_PVHVM"));
        Assert.Null(Read("Linux version 7.3.0 (gcc)", "txen_hvm_guest_late_init").IsBuiltIn("XEN_PVHVM"));
        Assert.Null(Read("Linux version 7.3.0 (gcc)", "ttext").IsBuiltIn("XEN_PVHVM"));
    }

    [Fact]
    public void What_is_no_linux_proves_nothing()
    {
        Assert.Empty(Read("GNU Mach 1.8", "Tgunzip"));
        Assert.Empty(Read("Linux version", "Tgunzip"));
        Assert.Empty(Read("Linux version 6", "Tgunzip"));
        using var image = BootImage.Open(new TestElf().Add(new TestSegment(SegmentType.Load, new byte[64])).Build());
        using Kernel kernel = image.Decompress();
        Assert.Empty(KernelConfiguration.Read(kernel));
    }

    [Fact]
    public void Sections_without_names_prove_nothing()
    {
        byte[] elf = WithSections(new TestSection(".text", SectionType.ProgramBits, new byte[4])).Build();
        Assert.False(Read(elf).IsBuiltIn("DEBUG_INFO_BTF"));
        ElfHeader.Edit(elf.AsSpan(0, ElfHeader.Layout.Size64), WordSize.Bits64).SectionNamesIndex = 0;
        KernelConfiguration stated = Read(elf);
        Assert.Null(stated.IsBuiltIn("DEBUG_INFO_BTF"));
        Assert.True(stated.IsBuiltIn("64BIT"));
    }

    [Fact]
    public void Names_of_sections_take_no_memory()
    {
        string name = new('n', 4000);
        byte[] elf = WithSections([.. Enumerable.Range(0, 2000).Select(i => new TestSection($"{name}{i}", SectionType.ProgramBits, []))]).Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Read(elf).IsBuiltIn("DEBUG_INFO_BTF"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_kernels_own_configuration_says_all()
    {
        using var image = BootImage.Open(new TestElf().Add(new TestSegment(SegmentType.Load, Embed(
            """
            # Linux/x86 6.1.0 Kernel Configuration
            CONFIG_EXT4_FS=y
            CONFIG_SQUASHFS=m
            # CONFIG_XEN is not set
            CONFIG_CMDLINE="console=ttyS0 a=b"
            CONFIG_HZ=250
            CONFIG_=y
            # CONFIG_is not set
            """))).Build());
        using Kernel kernel = image.Decompress();
        KernelConfiguration all = KernelConfiguration.Read(kernel);
        Assert.True(all.IsComplete);
        Assert.Equal(
            [
                "CONFIG_EXT4_FS=y", "CONFIG_SQUASHFS=m", "# CONFIG_XEN is not set", "CONFIG_CMDLINE=\"console=ttyS0 a=b\"", "CONFIG_HZ=250",
            ],
            all.Select(option => option.ToString()));
        Assert.All(all, option => Assert.Null(option.Witness));
        bool?[] states = [all.IsBuiltIn("EXT4_FS"), all.IsBuiltIn("SQUASHFS"), all.IsBuiltIn("XEN"), all.IsBuiltIn("HZ"), all.IsBuiltIn("BTRFS_FS")];
        Assert.Equal([true, false, false, true, false], states);
        Assert.Equal("CONFIG_HZ=250", all[4].ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => all[5]);
    }

    private static TestElf WithSections(params TestSection[] sections) =>
        new TestElf().Add(new TestSegment(SegmentType.Load, "Linux version 6.1.0 (gcc)\n\0"u8.ToArray())).Add(sections);

    private static KernelConfiguration Read(byte[] elf)
    {
        using var image = BootImage.Open(elf);
        using Kernel kernel = image.Decompress();
        return KernelConfiguration.Read(kernel);
    }

    private static byte[] Embed(string text)
    {
        using var result = new MemoryStream();
        using (var stream = new GZipStream(result, CompressionLevel.Optimal))
            stream.Write(Encoding.ASCII.GetBytes(text));
        return [.. "IKCFG_ST"u8, .. result.ToArray(), .. "IKCFG_ED"u8];
    }

    /// <summary>What a kernel proves that has some symbols, each with its kind in front of the name.</summary>
    private static KernelConfiguration Read(string banner, params string[] symbols)
    {
        var writer = new KallsymsWriter
        {
            Banner = banner,
            Layout = KallsymsLayout.OffsetsBehind,
            Symbols =
            [
                .. KallsymsWriter.MakeSymbols(400, Start)
                    .Concat(symbols.Select((text, i) => (Start + 0x1f000 + (ulong)(16 * i), text)))
                    .OrderBy(static one => one.Item1),
            ],
        };
        using var image = BootImage.Open(writer.Build());
        using Kernel kernel = image.Decompress();
        return KernelConfiguration.Read(kernel);
    }
}
