using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Reports;

/// <summary>Lists the state in which a paravirtualised guest's first virtual CPU starts.</summary>
internal static class XenPvCpuFacts
{
    /// <summary>Lists what its context says.</summary>
    public static ImmutableArray<CpuFact> Of(XenPvDomain domain)
    {
        VcpuGuestContext context = VcpuGuestContext.Parse(domain.VcpuContext.Span, domain.Placement.Word);
        CpuUserRegs registers = context.UserRegs;
        bool isNarrow = domain.Placement.Word == WordSize.Bits32;
        char prefix = isNarrow ? 'e' : 'r';
        ImmutableArray<CpuFact>.Builder facts = ImmutableArray.CreateBuilder<CpuFact>();
        facts.Add(isNarrow
            ? new CpuFact("mode", "32-bit paravirtualised", "ring 1, PAE paging")
            : new CpuFact("mode", "64-bit paravirtualised", "ring 3"));
        AddPointer($"{prefix}ip", isNarrow ? registers.Eip ?? 0 : registers.Rip ?? 0);
        AddPointer($"{prefix}sp", isNarrow ? registers.Esp ?? 0 : registers.Rsp ?? 0);
        AddPointer($"{prefix}si", isNarrow ? registers.Esi ?? 0 : registers.Rsi ?? 0);
        string table = $"top page table: frame {domain.TopTable}, machine frame {domain.Frames[domain.TopTable]}";
        facts.Add(new CpuFact("cr3", $"0x{context.Ctrlreg[3]:x}", table));
        facts.Add(new CpuFact("cs", $"0x{registers.Cs:x}", "the hypervisor's flat segment"));
        facts.Add(new CpuFact("ss", $"0x{registers.Ss:x}", "the hypervisor's flat segment"));
        var assists = new SpecFlagSet(VmAssistFlagsLayout.Info, context.VmAssist);
        facts.Add(new CpuFact("vm_assist", $"0x{context.VmAssist:x}", string.Join(' ', assists.Names)));
        return facts.ToImmutable();

        // A stack pointer is at the end of its page.
        void AddPointer(string name, ulong value) =>
            facts.Add(new CpuFact(name, $"0x{value:x}", RegionAt(domain, name[1..] == "sp" ? value - 1 : value)));
    }

    private static string RegionAt(XenPvDomain domain, ulong address)
    {
        Region? found = domain.Regions.FirstOrDefault(region =>
            region.Virtual is { } start && address >= start.Value && address - start.Value < region.Length);
        return found is null ? "" : $"in {found.Name}";
    }
}
