using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Specs;
using BootProtocol.X86;

namespace BootProtocol.Reports;

/// <summary>Lists the state in which a domain's first processor starts.</summary>
/// <example><code>
/// ImmutableArray&lt;CpuFact&gt; facts = CpuFacts.Of(pvh);
/// Console.WriteLine(string.Join(Environment.NewLine, facts.Select(fact =&gt; $"{fact.Name} {fact.Value}")));
/// </code></example>
public static class CpuFacts
{
    /// <summary>Lists what the way to start it determines.</summary>
    public static ImmutableArray<CpuFact> Of(Domain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return domain switch
        {
            LinuxDomain linux => Of(linux.Cpu, domain.Regions),
            PvhDomain pvh => Of(pvh.Cpu, domain.Regions),
            XenPvDomain pv => XenPvCpuFacts.Of(pv),
            _ => [],
        };
    }

    /// <summary>Lists the state of a processor that starts without a hypervisor's help.</summary>
    internal static ImmutableArray<CpuFact> Of(CpuState cpu, ImmutableArray<Region> regions)
    {
        char prefix = cpu.IsLongMode ? 'r' : 'e';
        ImmutableArray<CpuFact>.Builder facts = ImmutableArray.CreateBuilder<CpuFact>();
        facts.Add(new CpuFact("mode", cpu.IsLongMode ? "64-bit long mode" : "32-bit protected mode", ""));
        AddPointer($"{prefix}ip", cpu.InstructionPointer.Value);
        AddPointer($"{prefix}si", cpu.Rsi);
        AddPointer($"{prefix}bx", cpu.Rbx);
        AddFlags("cr0", cpu.Cr0, Cr0Layout.Info);
        AddPointer("cr3", cpu.Cr3);
        AddFlags("cr4", cpu.Cr4, Cr4Layout.Info);
        AddFlags("efer", cpu.Efer, EferLayout.Info);
        if (cpu.DescriptorTable.Value != 0)
            AddPointer("gdtr", cpu.DescriptorTable.Value);
        if (cpu.CodeSelector != 0)
            facts.Add(new CpuFact("cs", $"0x{cpu.CodeSelector:x}", "flat"));
        if (cpu.DataSelector != 0)
            facts.Add(new CpuFact("ds, es, ss", $"0x{cpu.DataSelector:x}", "flat"));
        return facts.ToImmutable();

        void AddPointer(string name, ulong value) =>
            facts.Add(new CpuFact(name, $"0x{value:x}", value == 0 ? "" : RegionAt(regions, new Paddr(value))));

        void AddFlags(string name, ulong value, SpecEnumeration flags) =>
            facts.Add(new CpuFact(name, $"0x{value:x}", string.Join(' ', new SpecFlagSet(flags, value).Names)));
    }

    private static string RegionAt(ImmutableArray<Region> regions, Paddr address) =>
        regions.FirstOrDefault(region => region.Start <= address && address < region.End) is { } found ? $"in {found.Name}" : "";
}
