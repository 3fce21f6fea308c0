using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kexec;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Relocate;
using BootProtocol.Sample;
using Iced.Intel;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>Kernels laid out in the memory of a pretended machine.</summary>
public sealed class KexecPlanTests : IDisposable
{
    private readonly PretendedHost _machine = new();
    private readonly BootImage _image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));

    public void Dispose()
    {
        _machine.Dispose();
        _image.Dispose();
    }

    [Fact]
    public void Everything_is_in_RAM_and_said()
    {
        using KexecPlan plan = Plan(new KexecOptions { CommandLine = "of the tests", Initrds = [new byte[5000]] });
        Assert.Equal("of the tests", plan.CommandLine);
        Assert.All(plan.Segments, segment => Assert.True(_machine.Host.Map.IsRam(segment.Address, segment.MemorySize)));
        Assert.All(plan.Segments, static segment => Assert.Equal(0ul, (segment.Address.Value | segment.MemorySize) % X86Page.Size));
        Assert.Equal(["boot_params", "command line", "entry code", "initrd"], plan.Regions.Select(static region => region.Name)
            .Where(static name => name is "boot_params" or "command line" or "entry code" or "initrd").Order(StringComparer.Ordinal));
        Assert.Equal(plan.Regions.OrderBy(static region => region.Start), plan.Regions);
        Assert.Equal((ulong)plan.Domain.Memory.Extents.Sum(static extent => (long)extent.Memory.Length), plan.Size);
        BootParams parameters = plan.Domain.BootParams;
        Assert.Equal(25, parameters.ScreenInfo.OrigVideoLines);
        Assert.Equal(_machine.Host.Map.Ranges.Length, parameters.E820Entries);
    }

    /// <summary>The code that is entered, disassembled and followed: what it leaves in registers is the domain's state.</summary>
    [Fact]
    public void The_entry_code_makes_the_domains_state()
    {
        using KexecPlan plan = Plan(new KexecOptions());
        CpuState cpu = plan.Domain.Cpu;
        byte[] code = new byte[256];
        plan.Domain.Memory.Read(plan.Entry, code);
        var decoder = Decoder.Create(64, code, plan.Entry.Value);
        var lines = new List<string>();
        do
        {
            lines.Add(decoder.Decode().ToString());
        }
        while (!lines[^1].StartsWith("retf", StringComparison.Ordinal) && lines.Count < 50);

        Assert.StartsWith("retf", lines[^1], StringComparison.Ordinal);
        Assert.Equal($"mov rsi,{cpu.Rsi:X}h", lines[^2], ignoreCase: true);
        Assert.Contains($"mov rax,{cpu.Cr3:X}h", lines, StringComparer.OrdinalIgnoreCase);
        Assert.Contains("mov cr3,rax", lines);
        Assert.Contains($"push {cpu.CodeSelector:X}h", lines, StringComparer.OrdinalIgnoreCase);
        int entry = lines.FindIndex(line => line.Equals($"mov rax,{cpu.InstructionPointer.Value:X}h", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("push rax", lines[entry + 1]);
        byte[] register = new byte[10];
        plan.Domain.Memory.Read(new Paddr(plan.Entry.Value - 16), register);
        BootProtocol.X86.Gdtr table = BootProtocol.X86.Gdtr.Parse(register, WordSize.Bits64);
        Assert.Equal((cpu.DescriptorTable.Value, (ushort)0x1f), (table.Base.Value, table.Limit));
    }

    [Fact]
    public void EFI_is_handed_on()
    {
        _machine.WithEfi();
        using KexecPlan plan = Plan(new KexecOptions());
        BootParams parameters = plan.Domain.BootParams;
        EfiInfo firmware = parameters.EfiInfo;
        Assert.Equal("EL64", System.Text.Encoding.ASCII.GetString(firmware.EfiLoaderSignature));
        Assert.Equal((0x3f9ec018ul, 1u), (firmware.EfiSystab.Value, firmware.EfiSystabHi));
        Assert.Equal((40u, 1u, 11u * 40), (firmware.EfiMemdescSize, firmware.EfiMemdescVersion, firmware.EfiMemmapSize));
        Region map = plan.Regions.Single(static region => region.Name == "EFI memory map");
        Assert.Equal(map.Start.Value, firmware.EfiMemmap.Value);
        byte[] bytes = new byte[440];
        plan.Domain.Memory.Read(map.Start, bytes);
        EfiMemoryDescriptor last = EfiMemoryDescriptor.Parse(bytes.AsSpan(400));
        Assert.Equal(
            (5u, 0x3f0a0000ul, 0xfffffffeff0a0000ul, 16ul, 0x800000000000000ful),
            (last.Type, last.PhysicalAddress.Value, last.VirtualAddress, last.Pages, last.Attributes));
        Assert.Equal(0x3fb7e014ul, parameters.AcpiRsdpAddr.Value);
        byte[] node = new byte[SetupData.Layout.Size + EfiSetupData.Layout.Size];
        plan.Domain.Memory.Read(parameters.Hdr.SetupData!.Value, node);
        Assert.Equal(SetupDataType.Efi, SetupData.Parse(node).Type);
        EfiSetupData efi = EfiSetupData.Parse(node.AsSpan(SetupData.Layout.Size));
        Assert.Equal((0x3f9ec018ul, 0x3f9eb018ul, 0x3f918000ul), (efi.FwVendor, efi.Tables.Value, efi.Smbios.Value));
    }

    [Fact]
    public void A_kernel_for_panics_is_in_what_is_set_aside()
    {
        _machine.WithCrashRegion();
        using KexecPlan plan = Plan(new KexecOptions { Purpose = KexecPurpose.Panic, CommandLine = "quiet", Initrds = [new byte[1 << 20]] });
        Assert.All(plan.Segments, static segment => Assert.InRange(segment.Address.Value, 0x2f000000u, 0x3f000000 - segment.MemorySize));
        Region headers = plan.Regions.Single(static region => region.Name == "ELF core headers");
        Assert.Equal((0x3efff000ul, 0x1000ul), (headers.Start.Value, headers.Length));
        Assert.Equal("elfcorehdr=0x3efff000 quiet", plan.CommandLine);
        Assert.Equal(
            ["0x0-0x1000 RESERVED", "0x1000-0x9fc00 RAM", "0x9fc00-0xa0000 RESERVED", "0x2f000000-0x3efff000 RAM", "0x3ffdf000-0x40000000 ACPI"],
            plan.Domain.Map.Ranges.Select(static range => range.ToString()));
        byte[] magic = new byte[4];
        plan.Domain.Memory.Read(headers.Start, magic);
        Assert.Equal("\u007fELF", System.Text.Encoding.Latin1.GetString(magic));
    }

    /// <summary>What stands behind <c>--</c> is for init alone.</summary>
    [Theory]
    [InlineData("quiet -- single", "elfcorehdr=0x3efff000 quiet -- single")]
    [InlineData("", "elfcorehdr=0x3efff000")]
    public void The_place_of_the_headers_is_for_the_kernel_itself(string given, string expected)
    {
        _machine.WithCrashRegion();
        using KexecPlan plan = Plan(new KexecOptions { Purpose = KexecPurpose.Panic, CommandLine = given });
        Assert.Equal(expected, plan.CommandLine);
    }

    [Fact]
    public void Five_levels_are_kept_and_a_kernel_that_has_none_is_refused()
    {
        _machine.Write("proc/cpuinfo", "flags\t\t: fpu lm la57\n");
        string message = Assert.Throws<BootFormatException>(() => Plan(new KexecOptions())).Message;
        Assert.Contains("XLF_5LEVEL", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_above_4_GiB_in_a_crash_region_is_refused()
    {
        _machine.WithCrashRegion().Write(
            "proc/iomem", "00100000-3ffdefff : System RAM\n100000000-1bfffffff : System RAM\n  110000000-11fffffff : Crash kernel\n");
        Refused("all below 4 GiB (crashkernel=SIZE, without ',high')", new KexecOptions { Purpose = KexecPurpose.Panic });
    }

    [Fact]
    public void A_kernel_of_32_bits_is_refused()
    {
        using BootImage image = BootImage.Open(SampleGuest.Create(WordSize.Bits32));
        using Kernel kernel = image.Decompress();
        BootRequestException refusal = Assert.Throws<BootRequestException>(() => KexecPlan.Create(kernel, _machine.Host, new KexecOptions()));
        Assert.Equal(BootErrorCode.NotPossible, refusal.Code);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_domain_that_is_entered_in_32_bits_is_refused()
    {
        using LinuxDomain domain = Build(_machine.Host.Map, WordSize.Bits32);
        Refused("a kernel that is entered in 64-bit mode", () => KexecPlan.Of(domain, _machine.Host));
    }

    [Fact]
    public void A_target_that_is_no_RAM_is_refused()
    {
        _machine.SetMap((0, 0x9fc00, "System RAM"), (0x100000, 0x20000000, "System RAM"), (0x20000000, 0x40000000, "Reserved"));
        using LinuxDomain domain = Build(MemoryMap.ForPc(1 << 30), WordSize.Bits64);
        domain.Memory.Claim(new Paddr(0x20000000), X86Page.Size);
        Refused("memory that the machine's memory map calls RAM, found 0x20000000-0x20001000", () => KexecPlan.Of(domain, _machine.Host));
    }

    [Fact]
    public void Seventeen_segments_are_refused()
    {
        using LinuxDomain domain = Build(_machine.Host.Map, WordSize.Bits64);
        int missing = 16 - domain.Memory.Extents.Count;
        for (uint i = 0; i < missing; i++)
            domain.Memory.Claim(new Paddr(0x10000000 + (i * 0x2000)), X86Page.Size);
        Refused("at most 16 ranges of memory, found 17", () => KexecPlan.Of(domain, _machine.Host));
    }

    [Fact]
    public void Sixteen_segments_are_taken()
    {
        using LinuxDomain domain = Build(_machine.Host.Map, WordSize.Bits64);
        int missing = 15 - domain.Memory.Extents.Count;
        for (uint i = 0; i < missing; i++)
            domain.Memory.Claim(new Paddr(0x10000000 + (i * 0x2000)), X86Page.Size);
        using KexecPlan plan = KexecPlan.Of(domain, _machine.Host);
        Assert.Equal(16, plan.Segments.Length);
    }

    [Fact]
    public void More_than_half_of_the_memory_is_refused()
    {
        _machine.Write("proc/meminfo", "MemTotal: 16384 kB\n");
        Refused("at most half of the 16 MiB that the running kernel has", new KexecOptions { Initrds = [new byte[9 << 20]] });
    }

    [Fact]
    public void An_initial_ramdisk_without_room_is_refused()
    {
        _machine.SetMap((0, 0x9fc00, "System RAM"), (0x100000, 0x2000000, "System RAM"));
        Refused("initrd", new KexecOptions { Initrds = [new byte[64 << 20]] });
    }

    [Fact]
    public void A_domain_for_a_panic_outside_of_what_is_set_aside_is_refused()
    {
        _machine.WithCrashRegion();
        using LinuxDomain domain = Build(_machine.Host.Map, WordSize.Bits64);
        Refused("memory that is set aside for a panic, 0x2f000000-0x3f000000", () => KexecPlan.Of(domain, _machine.Host, KexecPurpose.Panic));
    }

    [Fact]
    public void A_random_offset_is_chosen()
    {
        using KexecPlan plan = Plan(new KexecOptions { Kaslr = Kaslr.Random(3) });
        Assert.NotEqual(0ul, plan.Domain.Placement.VirtualOffset);
    }

    private KexecPlan Plan(KexecOptions options)
    {
        using Kernel kernel = _image.Decompress();
        return KexecPlan.Create(kernel, _machine.Host, options);
    }

    private LinuxDomain Build(MemoryMap map, WordSize mode)
    {
        using Kernel kernel = _image.Decompress();
        return new LinuxBootBuilder { MemorySize = map.RamSize, Map = map, Mode = mode }.Build(kernel);
    }

    private void Refused(string part, KexecOptions options) => Refused(part, () => Plan(options));

    private static void Refused(string part, Func<KexecPlan> make)
    {
        string message = Assert.Throws<BootRequestException>(make).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
