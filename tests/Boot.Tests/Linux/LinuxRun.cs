using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Build;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Output;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Linux;

/// <summary>A boot of one of Debian's kernels, and what its first process reported.</summary>
internal sealed record LinuxRun(MachineRun Run, GuestReport Report)
{
    /// <summary>The zero page, as the kernel kept it.</summary>
    public byte[] BootParams => Convert.FromHexString(Report["boot params"]);

    /// <summary>What the kernel counts as the memory map of the machine.</summary>
    public IReadOnlyList<string> MemoryMap => Ranges("BIOS-e820: ");

    /// <summary>The same, with what the setup_data list adds.</summary>
    public IReadOnlyList<string> ExtendedMemoryMap => Ranges("reserve setup_data: ");

    /// <summary>Builds a guest, writes it as one file, and runs it.</summary>
    public static async Task<LinuxRun> StartAsync(string name, LinuxBootBuilder builder, string machine = "q35", string? processor = null)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("domain.elf");
        using (BootImage image = BootImage.Open(Image(name)))
        using (Kernel kernel = image.Decompress())
        using (LinuxDomain domain = builder.Build(kernel))
        await using (FileStream file = File.Create(path))
            DomainElf.Write(domain, file);
        MachineRun run = await new Machine
        {
            Type = machine,
            Kernel = path,
            Memory = (int)(builder.Memory >> 20),
            Processor = processor,
        }.RunAsync();
        Assert.Contains("user space reached", run.Output, StringComparison.Ordinal);
        Assert.Contains("end of report", run.Output, StringComparison.Ordinal);
        string report = run.Output[run.Output.IndexOf("user space reached", StringComparison.Ordinal)..];
        return new LinuxRun(run, GuestReport.Parse(report));
    }

    private static string Image(string name)
    {
        string path = Repository.File("tests", ".cache", "kernels", name, "vmlinuz");
        Assert.True(File.Exists(path), $"{name} is not there: run tests/kernels.sh");
        return path;
    }

    private string[] Ranges(string sign) =>
    [
        .. Run.Output.Split('\n')
            .Where(line => line.Contains(sign, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(sign, StringComparison.Ordinal) + sign.Length)..].Trim()),
    ];
}
