using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>A guest without enough memory: the size that the error names is enough, and a MiB less is not.</summary>
public sealed partial class MemoryNeedTests
{
    private const int MiB = 1 << 20;

    public static TheoryData<string, BootWay, int, bool> Guests
    {
        get
        {
            var data = new TheoryData<string, BootWay, int, bool>();
            foreach ((string kernel, BootWay[] ways) in new[]
            {
                ("sample-64", new[] { BootWay.Linux64, BootWay.Linux32, BootWay.Pvh, BootWay.XenPv }),
                ("sample-32", [BootWay.Linux32, BootWay.Pvh, BootWay.XenPv]),
                ("grub-x86_64-xen.bin", [BootWay.XenPv]),
                ("6.1-686-pae", [BootWay.Linux32, BootWay.Pvh]),
                ("6.1-cloud-amd64", [BootWay.Linux64, BootWay.Linux32, BootWay.Pvh, BootWay.XenPv]),
            })
            {
                foreach (BootWay way in ways)
                {
                    data.Add(kernel, way, 0, false);
                    data.Add(kernel, way, 30 * MiB, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Guests))]
    [Needs(Need.Kernels)]
    public void The_named_size_is_the_least(string kernel, BootWay way, int initrd, bool isMoved)
    {
        byte[] image = PvDomains.Image(kernel);
        Kaslr kaslr = isMoved && way == BootWay.Pvh ? Kaslr.At(0x2000000) : Kaslr.None;
        ulong? named = null;
        foreach (ulong memory in new ulong[] { 0, 4096, MiB, (2 * MiB) + 4096 })
        {
            ulong size = Needed(Assert.ThrowsAny<BootException>(() => Build(image, way, memory, initrd, kaslr).Dispose()));
            Assert.Equal(named ?? size, size);
            named = size;
        }

        Build(image, way, named!.Value * MiB, initrd, kaslr).Dispose();
        BootException fault = Assert.ThrowsAny<BootException>(() => Build(image, way, (named.Value - 1) * MiB, initrd, kaslr).Dispose());
        Assert.Equal(named, Needed(fault));
    }

    /// <summary>Debian's 6.12 as it comes: what its init_size asks for ends at 0x47ee000, and the drawing of its domain at 0x4483000.</summary>
    [Theory]
    [InlineData(BootWay.Linux64, 72)]
    [InlineData(BootWay.Linux32, 72)]
    [InlineData(BootWay.Pvh, 66)]
    [InlineData(BootWay.XenPv, 69)]
    [Needs(Need.Kernels)]
    public void A_real_kernel_needs_what_its_layout_shows(BootWay way, ulong expected)
    {
        byte[] image = PvDomains.Image("6.12-amd64");
        Assert.Equal(expected, Needed(Assert.ThrowsAny<BootException>(() => Build(image, way, 64 * MiB, 0, Kaslr.None).Dispose())));
        Build(image, way, expected * MiB, 0, Kaslr.None).Dispose();
    }

    /// <summary>What no memory mends is told as it is.</summary>
    [Fact]
    public void Other_errors_name_no_size()
    {
        byte[] image = PvDomains.Image("sample-64");
        string refusal = Refuse(new LinuxBootBuilder { MemorySize = 64 * MiB, KernelAddress = new Paddr(0x1234567) });
        Assert.DoesNotContain("needs at least", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("needs at least", Refuse(new LinuxBootBuilder { MemorySize = ulong.MaxValue }), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "needs at least", Refuse(new LinuxBootBuilder { MemorySize = MiB, CommandLine = new string('x', 5000) }), StringComparison.Ordinal);

        string Refuse(LinuxBootBuilder builder) => LinuxGuest.Refuse(() => LinuxGuest.Build(image, builder));
    }

    /// <summary>A kernel can say that it is as large as the address space: page tables for that are not made.</summary>
    [Fact]
    public void Memory_does_not_grow_with_what_a_kernel_says_of_itself()
    {
        var segment = new TestSegment(SegmentType.Load, [0xf4])
        {
            Flags = SegmentFlags.Read | SegmentFlags.Execute,
            PhysicalAddress = 0x1000000,
            VirtualAddress = 0xffffffff81000000,
            MemorySize = 0x7fff000000003000,
        };
        byte[] image = new TestElf { Entry = 0x1000000 }.Add(segment, new TestNotes().Add("Linux", 0x101, 0u).Segment()).Build();
        long before = GC.GetAllocatedBytesForCurrentThread();
        string refusal = LinuxGuest.Refuse(() => LinuxGuest.Build(image, new LinuxBootBuilder { MemorySize = 64 * MiB }));
        Assert.Contains("expected a place below 2^46, found 0x7fff000000003000 bytes at 0x1000000", refusal, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 16L << 20);
    }

    private static Domain Build(byte[] bytes, BootWay way, ulong memory, int initrdLength, Kaslr kaslr)
    {
        using BootImage image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        ReadOnlyMemory<byte>[] initrds = initrdLength == 0 ? [] : [new byte[initrdLength]];
        return way switch
        {
            BootWay.Pvh => new PvhBuilder { MemorySize = memory, Initrds = [.. initrds], Kaslr = kaslr }.Build(kernel),
            BootWay.XenPv => new XenPvBuilder { MemorySize = memory, Initrds = [.. initrds] }.Build(kernel),
            _ => new LinuxBootBuilder
            {
                MemorySize = memory,
                Initrds = [.. initrds],
                Mode = way == BootWay.Linux64 ? WordSize.Bits64 : WordSize.Bits32,
            }.Build(kernel),
        };
    }

    private static ulong Needed(BootException fault)
    {
        Match match = Size().Match(fault.Message);
        Assert.True(match.Success, fault.Message);
        return ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"; the guest needs at least (\d+)M of memory$")]
    private static partial Regex Size();
}
