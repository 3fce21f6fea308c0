using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Boot.Tests.Sample;
using BootProtocol.Build;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Kernels;

/// <summary>Debian's kernels as PVH guests with our hvm_start_info, where they were linked and elsewhere.</summary>
/// <remarks>
/// 6.12 has the note PHYS32_RELOC: virtual and physical place are independent. 6.1 has none, and its entry finds itself by physical
/// addresses that the relocation lists move, too: it runs at a virtual offset if it lies as much higher.
/// </remarks>
public sealed class PvhKaslrTests
{
    private const string Marker = "user space reached";
    private const string CommandLine = "console=ttyS0 acpi=off quiet panic=-1 told=\"by our start_info\"";

    [Theory]
    [InlineData("6.12-amd64", 0, 0, 0x1000000)]
    [InlineData("6.12-amd64", 0x6000000, 0, 0x1000000)]
    [InlineData("6.12-amd64", 0, 0x1e00000, 0x1e00000)]
    [InlineData("6.12-amd64", 0x1c400000, 0x4200000, 0x4200000)]
    [InlineData("6.1-cloud-amd64", 0, 0, 0x1000000)]
    [InlineData("6.1-cloud-amd64", 0x200000, 0, 0x1200000)]
    [InlineData("6.1-cloud-amd64", 0x6000000, 0, 0x7000000)]
    [InlineData("6.1-686-pae", 0, 0, 0x1000000)]
    [InlineData("6.1-686-pae", 0x4000000, 0, 0x5000000)]
    public async Task Kernel_runs_where_it_was_placed(string name, ulong offset, ulong wish, ulong start)
    {
        PvhBuilder builder = Builder(Kaslr.At(offset), wish == 0 ? null : new Paddr(wish));
        using PvhDomain domain = Build(name, builder);
        Assert.Equal(new Paddr(start), domain.Kernel.Start);
        await Boot(name, domain);
    }

    [Theory]
    [InlineData("6.12-amd64", 1)]
    [InlineData("6.12-amd64", 2)]
    [InlineData("6.1-cloud-amd64", 1)]
    [InlineData("6.1-cloud-amd64", 2)]
    [InlineData("6.1-686-pae", 1)]
    [InlineData("6.1-686-pae", 2)]
    public async Task Kernel_runs_at_a_random_offset(string name, int seed)
    {
        using PvhDomain domain = Build(name, Builder(Kaslr.Random(seed)));
        Assert.NotEqual(0u, domain.Kernel.VirtualOffset);
        await Boot(name, domain);
    }

    private static PvhBuilder Builder(Kaslr kaslr, Paddr? start = null) => new()
    {
        Memory = 256 << 20,
        CommandLine = CommandLine,
        Initrds = [Initrd()],
        Kaslr = kaslr,
        KernelStart = start,
    };

    private static PvhDomain Build(string name, PvhBuilder builder)
    {
        using var image = BootImage.Open(Repository.File("tests", ".cache", "kernels", name, "vmlinuz"));
        using Kernel kernel = image.Decompress();
        return builder.Build(kernel);
    }

    private static async Task Boot(string name, PvhDomain domain)
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine
        {
            Type = "q35",
            Memory = 256,
            Kernel = files.Put("domain.elf", PvhStart.Write(domain)),
        }.RunAsync();
        ulong linked = name.EndsWith("pae", StringComparison.Ordinal) ? 0xc1000000 : 0xffffffff81000000;
        string text = $"{linked + domain.Kernel.VirtualOffset:x} T _text";
        Assert.True(run.Output.Contains(Marker, StringComparison.Ordinal), $"{name} does not reach user space.\n{run}");
        Assert.Contains(text, run.Output, StringComparison.Ordinal);
        Assert.Contains(CommandLine, run.Output, StringComparison.Ordinal);
        Assert.Equal(Machine.SwitchedOff, run.ExitCode);
        Console.WriteLine($"pvh {name}: at {domain.Kernel.Start}, {text}: {Marker}");
    }

    private static byte[] Initrd()
    {
        using var folder = new TemporaryFolder();
        string source = Repository.File("tests", "Boot.Tests", "Kernels", "init.c");
        string[] arguments = ["-m32", "-O2", "-static", "-nostdlib", "-fno-pie", "-no-pie", "-o", "init", source];
        ToolRun.Start("gcc", arguments, folder.Path).Succeeded();
        return new CpioArchive().File("init", File.ReadAllBytes(folder.File("init"))).Finish();
    }
}
