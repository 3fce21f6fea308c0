using BootProtocol.Elf;
using BootProtocol.Kexec;
using BootProtocol.Kexec.Crash;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>The headers by which a panic kernel shows the memory of the one before.</summary>
public sealed class CoreHeaderTests : IDisposable
{
    private readonly PretendedHost _machine = new PretendedHost().WithCrashRegion();

    public void Dispose() => _machine.Dispose();

    /// <summary>Without the first MiB and what is set aside; ranges that touch are one.</summary>
    [Fact]
    public void Notes_and_memory_are_where_the_kernel_says()
    {
        var elf = ElfFile.Open(KernelBytes.FromMemory(CoreHeader.Create(_machine.Host.Files)));
        Assert.Equal(ElfType.Core, elf.Header.Type);
        (SegmentType, ulong, ulong)[] expected =
        [
            (SegmentType.Note, 0x3fc10000, 368), (SegmentType.Note, 0x3fc11000, 368), (SegmentType.Note, 0x3456000, 0x1024),
            (SegmentType.Load, 0x100000, 0x2ef00000), (SegmentType.Load, 0x3f000000, 0xfdf000), (SegmentType.Load, 0x100000000, 0xc0000000),
        ];
        Assert.Equal(expected, elf.Segments.Select(static segment => (segment.Type, segment.PhysicalAddress.Value, segment.MemorySize)));
        Assert.All(elf.Segments, static segment => Assert.Equal((segment.PhysicalAddress.Value, segment.MemorySize), (segment.FileOffset, segment.FileSize)));
    }

    [Fact]
    public void Virtual_addresses_are_those_of_the_running_kernel()
    {
        _machine.Write("proc/kcore", Core());
        var elf = ElfFile.Open(KernelBytes.FromMemory(CoreHeader.Create(_machine.Host.Files)));
        (ulong, ulong)[] loads = [.. elf.Segments.Where(static segment => segment.Type == SegmentType.Load)
            .Select(static segment => (segment.VirtualAddress.Value, segment.PhysicalAddress.Value))];
        Assert.Equal((0xffffffffa7e00000ul, 0x1000000ul), loads[0]);
        Assert.Equal((0xffff9c0000100000ul, 0x100000ul), loads[1]);
        Assert.Equal((0xffff9c0100000000ul, 0x100000000ul), loads[^1]);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Readelf_reads_them()
    {
        using var folder = new TemporaryFolder();
        _machine.Write("proc/kcore", Core());
        File.WriteAllBytes(folder.File("core"), CoreHeader.Create(_machine.Host.Files));
        string printed = ToolRun.Start("readelf", ["-lW", "core"], folder.Path).Succeeded();
        Assert.Contains("Elf file type is CORE (Core file)", printed, StringComparison.Ordinal);
        Assert.Contains("There are 7 program headers, starting at offset 64", printed, StringComparison.Ordinal);
        Assert.Matches(@"NOTE +0x0*3fc11000 0x0000000000000000 0x000000003fc11000 0x0*170 0x0*170 ", printed);
        Assert.Matches(@"LOAD +0x0*1000000 0xffffffffa7e00000 0x0000000001000000 0x2c30000 0x2c30000 RWE", printed);
        Assert.Matches(@"LOAD +0x100000000 0xffff9c0100000000 0x0000000100000000 0xc0000000 0xc0000000 RWE", printed);
    }

    [Theory]
    [InlineData("sys/kernel/vmcoreinfo", "nothing", "/sys/kernel/vmcoreinfo: expected an address and a size, found 'nothing'")]
    [InlineData("sys/devices/system/cpu/cpu1/crash_notes", "zz", "/sys/devices/system/cpu/cpu1/crash_notes: expected an address, found 'zz'")]
    [InlineData("proc/kcore", "no ELF file at all, and longer than its header is, which has 64 bytes", "/proc/kcore: ")]
    public void Nonsense_is_named(string file, string text, string line)
    {
        _machine.Write(file, text);
        string message = Assert.Throws<KexecUnavailableException>(() => CoreHeader.Create(_machine.Host.Files)).Message;
        Assert.StartsWith(line, message, StringComparison.Ordinal);
    }

    /// <summary>The head of a /proc/kcore: code of the kernel, modules without physical addresses, memory.</summary>
    private static byte[] Core()
    {
        (ulong Virtual, ulong Physical, ulong Size)[] parts =
        [
            (0xffffffffa7e00000, 0x1000000, 0x2c30000), (0xffffffffc0000000, ulong.MaxValue, 0x3f000000), (0xffffb00000000000, ulong.MaxValue, 0x1fffffffffff),
            (0xffff9c0000001000, 0x1000, 0x9e000), (0xffff9c0000100000, 0x100000, 0x3fedf000),
        ];
        byte[] bytes = new byte[ElfHeader.Layout.Size64 + (parts.Length * ProgramHeader.Layout.Size64)];
        ElfHeader.Writer header = ElfHeader.Create(bytes, WordSize.Bits64);
        ElfIdent.Writer identification = ElfIdent.Create(bytes);
        (identification.Class, identification.Data, identification.Version) = (ElfClass.Class64, ElfData.LittleEndian, 1);
        (header.Type, header.Machine, header.Version) = (ElfType.Core, ElfMachine.X8664, 1);
        header.ProgramHeaderOffset = (ulong)ElfHeader.Layout.Size64;
        header.ProgramHeaderSize = (ushort)ProgramHeader.Layout.Size64;
        header.ProgramHeaderCount = (ushort)parts.Length;
        for (int i = 0; i < parts.Length; i++)
        {
            Span<byte> place = bytes.AsSpan(ElfHeader.Layout.Size64 + (i * ProgramHeader.Layout.Size64));
            ProgramHeader.Writer program = ProgramHeader.Create(place, WordSize.Bits64);
            program.Type = SegmentType.Load;
            program.VirtualAddress = new Vaddr(parts[i].Virtual);
            program.PhysicalAddress = new Paddr(parts[i].Physical);
            program.FileSize = program.MemorySize = parts[i].Size;
        }

        return bytes;
    }
}
