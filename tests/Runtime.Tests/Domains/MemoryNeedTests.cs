using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Domains;
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

    public static TheoryData<string, string, int, bool> Guests
    {
        get
        {
            var data = new TheoryData<string, string, int, bool>();
            foreach ((string kernel, string[] ways) in new[]
            {
                ("sample-64", new[] { BootWays.Linux64, BootWays.Linux32, BootWays.Pvh, BootWays.XenPv }),
                ("sample-32", [BootWays.Linux32, BootWays.Pvh, BootWays.XenPv]),
                ("grub-x86_64-xen.bin", [BootWays.XenPv]),
                ("6.1-686-pae", [BootWays.Linux32, BootWays.Pvh]),
                ("6.1-cloud-amd64", [BootWays.Linux64, BootWays.Linux32, BootWays.Pvh, BootWays.XenPv]),
            })
            {
                foreach (string way in ways)
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
    public void The_named_size_is_the_least(string kernel, string way, int initrd, bool isMoved)
    {
        byte[] image = PvDomains.Image(kernel);
        Kaslr kaslr = isMoved && way == BootWays.Pvh ? Kaslr.At(0x2000000) : Kaslr.None;
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
    [InlineData(BootWays.Linux64, 72)]
    [InlineData(BootWays.Linux32, 72)]
    [InlineData(BootWays.Pvh, 66)]
    [InlineData(BootWays.XenPv, 69)]
    [Needs(Need.Kernels)]
    public void A_real_kernel_needs_what_its_layout_shows(string way, ulong expected)
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
        string refusal = Refuse(new LinuxBootBuilder { Memory = 64 * MiB, KernelAddress = new Paddr(0x1234567) });
        Assert.DoesNotContain("needs at least", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("needs at least", Refuse(new LinuxBootBuilder { Memory = ulong.MaxValue }), StringComparison.Ordinal);
        Assert.DoesNotContain("needs at least", Refuse(new LinuxBootBuilder { Memory = MiB, CommandLine = new string('x', 5000) }), StringComparison.Ordinal);

        string Refuse(LinuxBootBuilder builder) => LinuxGuest.Refuse(() => LinuxGuest.Build(image, builder));
    }

    private static Domain Build(byte[] bytes, string way, ulong memory, int initrdLength, Kaslr kaslr)
    {
        using BootImage image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        ReadOnlyMemory<byte>[] initrds = initrdLength == 0 ? [] : [new byte[initrdLength]];
        return way switch
        {
            BootWays.Pvh => new PvhBuilder { Memory = memory, Initrds = [.. initrds], Kaslr = kaslr }.Build(kernel),
            BootWays.XenPv => new XenPvBuilder { Memory = memory, Initrds = [.. initrds] }.Build(kernel),
            _ => new LinuxBootBuilder
            {
                Memory = memory,
                Initrds = [.. initrds],
                Mode = way == BootWays.Linux64 ? WordSize.Bits64 : WordSize.Bits32,
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
