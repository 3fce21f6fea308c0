using BootProtocol.Output;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>What the writer puts into a file, readelf finds there.</summary>
public sealed class PvhElfTests
{
    private static readonly PhysicalSegment[] _segments =
    [
        new(new Paddr(0x200010), Bytes(5000)),
        new(new Paddr(0x100000), Bytes(10), 0x3000),
        new(new Paddr(0x103000), default, 0x1000),
        new(new Paddr(0x104000), default, 0),
        new(new Paddr(0x1_0000_0800), Bytes(1)),
    ];

    [Fact]
    [Needs(Need.Tools)]
    public void Readelf_finds_what_was_given()
    {
        byte[] file = Write(new Paddr(0x102030), _segments);
        using var folder = new TemporaryFolder();
        string path = folder.File("domain.elf");
        File.WriteAllBytes(path, file);
        string output = ToolRun.Start("readelf", ["-W", "-h", "-l", "-n", path], folder.Path).Succeeded();

        Assert.Equal("ELF64", ReadElf.Header(output, "Class"));
        Assert.Equal("Advanced Micro Devices X86-64", ReadElf.Header(output, "Machine"));
        Assert.Equal("EXEC (Executable file)", ReadElf.Header(output, "Type"));
        Assert.Equal("0x102030", ReadElf.Header(output, "Entry point address"));
        Assert.Equal(["Xen 8 3020100000000000"], ReadElf.Notes(output));

        string[][] loads = [.. ReadElf.Segments(output).Select(line => line.Split(' ')).Where(line => line[0] == "LOAD")];
        Assert.Equal(
            ["100000 a 3000", "103000 0 1000", "200010 1388 1388", "100000800 1 1"],
            loads.Select(load => $"{load[3]} {load[4]} {load[5]}"));
        Assert.All(loads, load => Assert.Equal(load[3], load[2]));
        PhysicalSegment[] sorted = [_segments[1], _segments[2], _segments[0], _segments[4]];
        for (int i = 0; i < sorted.Length; i++)
        {
            int offset = Convert.ToInt32(loads[i][1], 16);
            Assert.True(sorted[i].Bytes.IsEmpty || (ulong)offset % 4096 == sorted[i].Address.Value % 4096);
            Assert.Equal(sorted[i].Bytes.Span, file.AsSpan(offset, sorted[i].Bytes.Length));
        }
    }

    [Fact]
    public void The_file_is_read_as_a_PVH_kernel()
    {
        var kernel = BootProtocol.Elf.ElfFile.Open(BootProtocol.Elf.KernelBytes.FromMemory(Write(new Paddr(0x102030), _segments)));
        Assert.Equal(new Paddr(0x102030), kernel.Notes.Xen.Phys32Entry);
    }

    public static TheoryData<string, ulong, PhysicalSegment[]> Impossible => new()
    {
        { "entry 0x100000000 is not below 4 GiB", 1UL << 32, [] },
        { "0x1000 and 0x1fff overlap", 0, [new(new Paddr(0x1fff), Bytes(1)), new(new Paddr(0x1000), Bytes(1), 0x1000)] },
        { "more bytes than memory", 0, [new(new Paddr(0x1000), Bytes(2), 1)] },
        { "ends beyond 64 bits", 0, [new(new Paddr(ulong.MaxValue), Bytes(2))] },
        { "65534 segments are more", 0, [.. Enumerable.Range(0, 65_534).Select(i => new PhysicalSegment(new Paddr((ulong)i), default, 1))] },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_no_file_can_have_is_an_error(string message, ulong entry, PhysicalSegment[] segments)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Write(new Paddr(entry), segments));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Write(Paddr entry, PhysicalSegment[] segments)
    {
        using var file = new MemoryStream();
        PvhElf.Write(file, entry, segments);
        return file.ToArray();
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
