using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>Command lines as long as the kernel takes them, and a byte longer.</summary>
public sealed class CommandLineLimitTests
{
    private const ulong Memory = 256 << 20;

    [Theory]
    [InlineData("6.12-amd64", 2047)]
    [InlineData("6.1-686-pae", 2047)]
    [Needs(Need.Kernels)]
    public void The_header_says_how_long_it_may_be_for_pvh(string kernel, int most)
    {
        byte[] image = PvDomains.Image(kernel);
        BuildPvh(image, most).Dispose();
        Assert.Equal($"command line: expected at most {most} bytes (cmdline_size), found {most + 1} bytes", Refuse(() => BuildPvh(image, most + 1)));
    }

    /// <summary>The length counts in bytes, not in characters.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void Characters_of_two_bytes_count_twice()
    {
        byte[] image = PvDomains.Image("6.1-686-pae");
        Assert.EndsWith("found 2048 bytes", Refuse(() => BuildPvh(image, new string('ä', 1024))), StringComparison.Ordinal);
    }

    /// <summary>A header of a kernel that takes less than start_info has room for.</summary>
    [Fact]
    public void The_header_counts_for_xen_pv_too()
    {
        byte[] image = PvDomains.Image("sample-64");
        BitConverter.TryWriteBytes(image.AsSpan(0x238), 100);
        PvDomains.Build(image, new XenPvBuilder { MemorySize = Memory, CommandLine = new string('x', 100) }).Dispose();
        string error = Refuse(() => PvDomains.Build(image, new XenPvBuilder { MemorySize = Memory, CommandLine = new string('x', 101) }));
        Assert.Equal("command line: expected at most 100 bytes (cmdline_size), found 101 bytes", error);
        Assert.Equal(
            "start_info.cmd_line: expected at most 1023 bytes, found 1024 bytes",
            Refuse(() => PvDomains.Build(image, new XenPvBuilder { MemorySize = Memory, CommandLine = new string('x', 1024) })));
    }

    /// <summary>An ELF file has no header: the size of Linux's array does, if there are symbols; else what Linux has.</summary>
    [Theory]
    [InlineData(512, true, 511, "the size of boot_command_line")]
    [InlineData(4096, false, 4095, "the size of boot_command_line")]
    [InlineData(0, true, 2047, "COMMAND_LINE_SIZE of Linux")]
    public void An_elf_file_says_it_by_a_symbol(int size, bool isLinux, int most, string source)
    {
        byte[] elf = Make(size, isLinux);
        BuildPvh(elf, most).Dispose();
        Assert.Equal($"command line: expected at most {most} bytes ({source}), found {most + 1} bytes", Refuse(() => BuildPvh(elf, most + 1)));
        if (!isLinux)
            return;
        LinuxGuest.Build(elf, new LinuxBootBuilder { MemorySize = Memory, CommandLine = new string('x', most) }).Dispose();
        string error = LinuxGuest.Refuse(() => LinuxGuest.Build(elf, new LinuxBootBuilder { MemorySize = Memory, CommandLine = new string('x', most + 1) }));
        Assert.StartsWith($"command line: expected at most {most} bytes", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_says_it_any_length_is_taken() => BuildPvh(Make(0, false), 100_000).Dispose();

    private static byte[] Make(int size, bool isLinux)
    {
        const uint Address = 0x1000000;
        TestNotes notes = new TestNotes().Add("Xen", XenNotes.Number.Phys32Entry, Address).Add("Xen", XenNotes.Number.GuestOs, isLinux ? "linux" : "other");
        var elf = new TestElf { Entry = Address };
        elf.Add(
            new TestSegment(SegmentType.Load, [0xf4])
            {
                Flags = SegmentFlags.Read | SegmentFlags.Execute,
                PhysicalAddress = Address,
                MemorySize = 0x1000,
                Alignment = 4096,
            },
            notes.Segment());
        if (size > 0)
        {
            elf.Add(
                new TestSection(".strtab", SectionType.StringTable, "\0boot_command_line\0"u8.ToArray()),
                new TestSection(".symtab", SectionType.SymbolTable, elf.MakeSymbol(1, 0, (ulong)size, SymbolType.Object)) { Link = 1, EntrySize = 24 });
        }

        return elf.Build();
    }

    private static PvhDomain BuildPvh(byte[] bytes, int length) => BuildPvh(bytes, new string('x', length));

    private static PvhDomain BuildPvh(byte[] bytes, string commandLine)
    {
        using BootImage image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        return new PvhBuilder { MemorySize = Memory, CommandLine = commandLine }.Build(kernel);
    }

    private static string Refuse(Func<Domain> build) => Assert.ThrowsAny<BootException>(() => build().Dispose()).Message;
}
