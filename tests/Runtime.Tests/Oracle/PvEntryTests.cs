using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Oracle;

/// <summary>Where a paravirtualised kernel is entered: as Xen's own builder has it.</summary>
[Needs(Need.Tools)]
public sealed class PvEntryTests
{
    private const ulong Base = 0xffffffff80000000;
    private const uint Address = 0x400000;

    /// <summary>Without a note ENTRY, the ELF file's own entry counts, whatever the kernel's entry by PVH is.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Entry_is_that_of_the_note_or_of_the_file(bool hasEntry, bool hasPvh)
    {
        TestNotes notes = new TestNotes()
            .Add("Xen", XenNotes.Number.Loader, "generic")
            .Add("Xen", XenNotes.Number.XenVersion, "xen-3.0")
            .Add("Xen", XenNotes.Number.VirtBase, Base);
        if (hasEntry)
            notes.Add("Xen", XenNotes.Number.Entry, Base + Address + 0x10);
        if (hasPvh)
            notes.Add("Xen", XenNotes.Number.Phys32Entry, Address + 0x20);
        var code = new TestSegment(SegmentType.Load, [0xf4])
        {
            Flags = SegmentFlags.Read | SegmentFlags.Execute,
            PhysicalAddress = Address,
            MemorySize = 0x1000,
            Alignment = 4096,
        };
        byte[] file = new TestElf { Entry = Base + Address + 0x30 }.Add(code, notes.Segment()).Build();
        using var image = BootImage.Open(file);
        using Kernel kernel = image.Decompress();
        using XenPvDomain domain = new XenPvBuilder { MemorySize = 16 << 20, CommandLine = "quiet" }.Build(kernel);
        ulong entry = VcpuGuestContext.Parse(domain.VcpuContext.Span, WordSize.Bits64).UserRegs.Rip!.Value;
        Assert.Equal(Base + Address + (hasEntry ? 0x10u : 0x30u), entry);

        using var folder = new TemporaryFolder();
        string path = folder.File("kernel");
        File.WriteAllBytes(path, file);
        Assert.Equal(entry, OracleRun.Start("pv", path, null, "quiet", 16).Number("vcpu", "rip"));
    }
}
