using System.Text;
using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Sample;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>boot_params and start_info for one kernel.</summary>
public sealed class CombinedFormTests
{
    private const string CommandLine = "console=hvc0 quiet";
    private static readonly byte[] _initrd = [.. Enumerable.Range(0, 5000).Select(static i => (byte)i)];

    public static TheoryData<string, bool> Kernels => new()
    {
        { "sample-32", false },
        { "sample-64", false },
        { "sample-32", true },
        { "sample-64", true },
        { "6.12-amd64", true },
        { "grub-i386-xen.bin", false },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    [Needs(Need.Kernels)]
    public void Boot_params_lead_to_start_info_and_say_the_same(string kernel, bool hasInitrd)
    {
        byte[] image = PvDomains.Image(kernel);
        using XenPvDomain domain = PvDomains.Build(image, Builder(hasInitrd, true));
        using XenPvDomain plain = PvDomains.Build(image, Builder(hasInitrd, false));
        Assert.Empty(PvDomains.Verify(domain));

        Pfn frame = domain.BootParamsFrame!.Value;
        Assert.Equal(domain.StackFrame.Value + 1, frame.Value);
        Region region = Assert.Single(domain.Regions, static region => region.Name == "boot_params");
        Assert.Equal(frame.ToPaddr(), region.Start);
        Assert.Equal(region.Virtual!.Value.Value, PvDomains.Pointer(domain));

        BootParams parameters = BootParams.Parse(domain.Memory.Slice(frame.ToPaddr(), GuestMemory.PageSize).Span);
        SetupHeader header = parameters.Hdr;
        Assert.Equal(0x90, (byte)header.TypeOfLoader);
        Assert.Equal(X86HardwareSubarch.Xen, header.HardwareSubarch);
        Assert.Equal(domain.StartInfoAddress.Value, header.HardwareSubarchData);
        Assert.Equal(0, parameters.Sentinel);
        Assert.Equal(2, parameters.E820Entries);

        byte[] text = new byte[CommandLine.Length + 1];
        domain.Memory.Read(header.CmdLinePtr!.Value, text);
        Assert.Equal(CommandLine + '\0', Encoding.ASCII.GetString(text));
        StartInfo info = PvDomains.StartInfoOf(domain);
        Assert.Equal(CommandLine, Encoding.ASCII.GetString(info.CmdLine));
        Assert.Equal(hasInitrd ? _initrd.Length : 0, (int)header.RamdiskSize);
        byte[] initrd = new byte[header.RamdiskSize];
        domain.Memory.Read(header.RamdiskImage, initrd);
        Assert.Equal(hasInitrd ? _initrd : [], initrd);

        // Start-of-day stays as it is without them.
        Assert.Null(plain.BootParamsFrame);
        Assert.Equal(plain.StartInfoAddress.Value, PvDomains.Pointer(plain));
        Assert.Equal(plain.StackFrame, domain.StackFrame);
        Assert.Equal(PvDomains.StartInfoOf(plain).AsSpan(), info.AsSpan());
    }

    [Fact]
    public void A_header_of_the_kernels_own_is_copied()
    {
        byte[] image = SampleGuest.Create(WordSize.Bits64);
        using XenPvDomain domain = PvDomains.Build(image, Builder(false, true));
        SetupHeader own = SetupHeader.Parse(image.AsSpan(0x1f1));
        SetupHeader copy = BootParams.Parse(domain.Memory.Slice(domain.BootParamsFrame!.Value.ToPaddr(), GuestMemory.PageSize).Span).Hdr;
        Assert.Equal((own.Version, own.InitSize, own.PrefAddress), (copy.Version, copy.InitSize, copy.PrefAddress));
        Assert.Equal((own.PayloadOffset, own.Xloadflags, own.CmdlineSize), (copy.PayloadOffset, copy.Xloadflags, copy.CmdlineSize));
    }

    /// <summary>The memory map of boot_params has a range below 1 MiB and one above, as Linux takes none of one range.</summary>
    [Theory]
    [InlineData(640 << 10)]
    [InlineData(1 << 20)]
    public void Boot_params_need_more_than_1_MiB(uint memory)
    {
        byte[] image = new PvKernel { VirtualBase = 0x1000000 - memory }.Build();
        using XenPvDomain plain = PvDomains.Build(image, new XenPvBuilder { MemorySize = memory });
        Assert.Empty(PvDomains.Verify(plain));
        BootRequestException fault = Assert.Throws<BootRequestException>(
            () => PvDomains.Build(image, new XenPvBuilder { MemorySize = memory, WithBootParams = true }).Dispose());
        string expected = $"memory.size: expected more than 1 MiB, to give the kernel boot_params, found 0x{memory:x}; the guest needs at least ";
        Assert.StartsWith(expected, fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Memory above and below: a version in the image from before the subarchitecture existed.</summary>
    [Fact]
    public void A_protocol_without_a_subarchitecture_is_refused()
    {
        byte[] image = SampleGuest.Create(WordSize.Bits64);
        image[0x206] = 6;
        BootFormatException fault = Assert.Throws<BootFormatException>(() => PvDomains.Build(image, Builder(false, true)).Dispose());
        Assert.Contains("2.07", fault.Message, StringComparison.Ordinal);
    }

    private static XenPvBuilder Builder(bool hasInitrd, bool withBootParams) => new()
    {
        MemorySize = 96 << 20,
        CommandLine = CommandLine,
        Initrds = hasInitrd ? [_initrd] : [],
        WithBootParams = withBootParams,
    };
}
