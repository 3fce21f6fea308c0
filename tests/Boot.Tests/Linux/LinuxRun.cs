using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Stubs;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Linux;

/// <summary>A boot of one of Debian's kernels, and what its first process reported.</summary>
internal sealed record LinuxRun(MachineRun Run, GuestReport Report)
{
    /// <summary>The zero page, as the kernel kept it.</summary>
    public byte[] BootParamsBytes => Convert.FromHexString(Report["boot params"]);

    /// <summary>The memory map, as the kernel found it in the zero page.</summary>
    public IReadOnlyList<MemoryRange> MemoryMap => Ranges("BIOS-e820: ");

    /// <summary>The same, with what the setup_data list adds. The kernel splits ranges around that list; here they are whole.</summary>
    public IReadOnlyList<MemoryRange> ExtendedMemoryMap
    {
        get
        {
            var whole = new List<MemoryRange>();
            foreach (MemoryRange range in Ranges("reserve setup_data: "))
            {
                if (whole.Count > 0 && whole[^1].Type == range.Type && whole[^1].End == range.Start)
                    whole[^1] = whole[^1] with { Length = whole[^1].Length + range.Length };
                else
                    whole.Add(range);
            }

            return whole;
        }
    }

    /// <summary>Builds a guest, writes it as one file, and runs it.</summary>
    public static Task<LinuxRun> StartAsync(string name, LinuxBootBuilder builder, string machine = "q35", string? processor = null) =>
        StartAsync(name, builder, builder.Build, machine, processor);

    /// <summary>Builds a guest that starts by its PVH entry, writes it as one file, and runs it.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="builder">What it gets.</param>
    /// <param name="machine">The machine to run it on.</param>
    /// <param name="built">Is shown what was built.</param>
    public static Task<LinuxRun> StartAsync(string name, PvhBuilder builder, string machine, Action<PvhDomain> built)
    {
        return StartAsync(name, builder, Build, machine, null);

        Domain Build(Kernel kernel)
        {
            PvhDomain domain = builder.Build(kernel);
            built(domain);
            return domain;
        }
    }

    private static async Task<LinuxRun> StartAsync(
        string name, DomainBuilder builder, Func<Kernel, Domain> build, string machine, string? processor)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("domain.elf");
        using (BootImage image = BootImage.Open(Fetched.Find("kernels", name, "vmlinuz")))
        using (Kernel kernel = image.Decompress())
        using (Domain domain = build(kernel))
        await using (FileStream file = File.Create(path))
            DomainElf.Write(domain, file);
        MachineRun run = await new Machine
        {
            Type = machine,
            Kernel = path,
            Memory = (int)(builder.MemorySize >> 20),
            Processor = processor,
            Arguments = Machine.ForLinux(machine),
            EndMark = "end of report",
        }.RunAsync();
        Assert.Contains("user space reached", run.Output, StringComparison.Ordinal);
        Assert.Contains("end of report", run.Output, StringComparison.Ordinal);
        string report = run.Output[run.Output.IndexOf("user space reached", StringComparison.Ordinal)..];
        return new LinuxRun(run, GuestReport.Parse(report));
    }

    /// <summary>Reads lines such as <c>[mem 0x0000000000000000-0x000000000009ffff] usable</c> behind a sign.</summary>
    private List<MemoryRange> Ranges(string sign)
    {
        var ranges = new List<MemoryRange>();
        foreach (string line in Run.Output.Split('\n').Where(line => line.Contains(sign, StringComparison.Ordinal)))
        {
            string[] parts = line[(line.IndexOf(sign, StringComparison.Ordinal) + sign.Length)..].Trim().Split('-', ']', 'x');
            ulong first = ulong.Parse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            ulong last = ulong.Parse(parts[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            E820Type type = parts[4] == " usable" ? E820Type.Ram : E820Type.Reserved;
            ranges.Add(new MemoryRange(new Paddr(first), last - first + 1, type));
        }

        return ranges;
    }
}
