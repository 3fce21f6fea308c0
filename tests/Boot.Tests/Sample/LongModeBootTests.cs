using System.IO.Hashing;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.X86;

namespace BootProtocol.Boot.Tests.Sample;

/// <summary>The 64-bit sample guest, entered in long mode.</summary>
public sealed class LongModeBootTests
{
    private const int LongModeEntry = 0x200;

    [Theory]
    [InlineData(0x100000u, false, 0x200000u)]
    [InlineData(0x200000u, false, 0x400000u)]
    [InlineData(0x1000000u, true, 0x1200000u)]
    public async Task ImageIsEnteredWhereverItIsLoaded(uint address, bool fiveLevels, uint expected)
    {
        byte[] image = SampleGuest.Create(WordSize.Bits64);
        byte[] initrd = Initrd(4097);
        GuestReport report = await RunAsync(new LongModeStart
        {
            Header = image.AsMemory(0x1f1, SetupHeader.Layout.Size),
            Kernel = [new PhysicalSegment(new Paddr(address), image.AsMemory(4 * 512))],
            Entry = address + LongModeEntry,
            FiveLevels = fiveLevels,
            CommandLine = "long mode",
            Initrd = initrd,
        });
        Assert.Equal("linux64", report["image-entry"]);
        Assert.Equal("linux64", report["entry"]);
        Assert.Equal("on", report["long-mode"]);
        Assert.Equal(fiveLevels, ((Cr4)report.Number("cr4")).HasFlag(Cr4.La57));
        Assert.Equal(expected, report.Number("physical"));
        Assert.Equal("long mode", report["command-line"]);
        Assert.Equal(Crc32.HashToUInt32(initrd), report.Number("initrd-crc32"));
    }

    [Fact]
    public async Task KernelIsEnteredDirectly()
    {
        GuestReport report = await RunAsync(Direct(default));
        Assert.Empty(report.All("image-entry"));
        Assert.Equal("linux64", report["entry"]);
        Assert.Equal(0xffu, report.Number("loader"));
        Assert.Equal("right", report["relocation-64"]);
        Assert.Empty(report.All("memory"));
        Assert.Empty(report.All("setup-data"));
    }

    [Fact]
    public async Task SetupDataIsFollowed()
    {
        const int Ranges = 300;
        byte[] list = new byte[(2 * SetupData.Layout.Size) + (Ranges * BootE820Entry.Layout.Size) + SetupIndirect.Layout.Size];
        SetupData.Writer first = SetupData.Create(list);
        first.Type = SetupDataType.E820Ext;
        first.Len = Ranges * (uint)BootE820Entry.Layout.Size;
        int next = SetupData.Layout.Size + (Ranges * BootE820Entry.Layout.Size);
        first.Next = new Paddr(LongModeStart.SetupDataPlace + (ulong)next);
        for (int i = 0; i < Ranges; i++)
        {
            BootE820Entry.Writer range = BootE820Entry.Create(list.AsSpan(SetupData.Layout.Size + (i * BootE820Entry.Layout.Size)));
            range.Addr = new Paddr((ulong)i << 32);
            range.Size = (ulong)i + 1;
            range.Type = E820Type.Pmem;
        }

        SetupData.Writer second = SetupData.Create(list.AsSpan(next));
        second.Type = SetupDataType.Indirect;
        second.Len = (uint)SetupIndirect.Layout.Size;
        SetupIndirect.Writer target = SetupIndirect.Create(list.AsSpan(next + SetupData.Layout.Size));
        target.Type = SetupIndirectType.Indirect | (SetupIndirectType)SetupDataType.Ima;
        target.Len = 77;
        target.Addr = new Paddr(0x123456789);

        GuestReport report = await RunAsync(Direct(list));
        Assert.Equal(["0x1 6000", "0x80000000 24"], report.All("setup-data"));
        Assert.Equal(["0x80000008 77 0x123456789"], report.All("setup-indirect"));
        Assert.Equal(Enumerable.Range(0, Ranges).Select(i => $"0x{(ulong)i << 32:x} 0x{i + 1:x} 7"), report.All("memory"));
    }

    private static LongModeStart Direct(ReadOnlyMemory<byte> setupData)
    {
        SampleKernel kernel = SampleKernel.Link(WordSize.Bits64);
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(kernel.Elf));
        var segments = new List<PhysicalSegment>();
        foreach (Segment segment in file.LoadSegments)
            segments.Add(new PhysicalSegment(segment.PhysicalAddress, file.Read(segment).ToArray(), segment.MemorySize));

        return new LongModeStart
        {
            Header = SampleGuest.Create(WordSize.Bits64).AsMemory(0x1f1, SetupHeader.Layout.Size),
            Kernel = [.. segments],
            Entry = (uint)file.Header.Entry.Value,
            SetupData = setupData,
        };
    }

    private static byte[] Initrd(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static async Task<GuestReport> RunAsync(LongModeStart start)
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine
        {
            Type = "q35",
            Kernel = files.Put("start.elf", start.Write()),
            Processor = start.FiveLevels ? "qemu64,+la57" : null,
            Memory = 128,
        }.RunAsync();
        return run.Report();
    }
}
