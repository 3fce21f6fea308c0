using System.Text.Json;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>Describes a PV guest in JSON: its registers, and every frame that has a part in its start.</summary>
internal static class XenPvDescription
{
    /// <summary>Writes the registers as properties of an object that is open, each under its processor's name.</summary>
    /// <param name="json">Where they go.</param>
    /// <param name="word">The word size of the guest.</param>
    /// <param name="bytes">Its vcpu_guest_context.</param>
    public static void WriteRegisters(Utf8JsonWriter json, WordSize word, ReadOnlySpan<byte> bytes)
    {
        VcpuGuestContext context = VcpuGuestContext.Parse(bytes, word);
        CpuUserRegs registers = context.UserRegs;
        bool isNarrow = word == WordSize.Bits32;
        json.WriteString("mode", isNarrow ? "32-bit PAE, ring 1" : "64-bit, ring 3");
        Write(isNarrow ? "eip" : "rip", isNarrow ? registers.Eip ?? 0 : registers.Rip ?? 0);
        Write(isNarrow ? "esp" : "rsp", isNarrow ? registers.Esp ?? 0 : registers.Rsp ?? 0);
        Write(isNarrow ? "esi" : "rsi", isNarrow ? registers.Esi ?? 0 : registers.Rsi ?? 0);
        Write(isNarrow ? "eflags" : "rflags", isNarrow ? registers.Eflags ?? 0 : registers.Rflags ?? 0);
        Write("cs", registers.Cs);
        Write("ss", registers.Ss);
        Write("ds", registers.Ds);
        Write("cr3", context.Ctrlreg[3]);
        Write("dr6", context.Debugreg[6]);
        Write("dr7", context.Debugreg[7]);
        Write("vcpu_flags", context.Flags);
        Write("vm_assist", context.VmAssist);

        void Write(string name, ulong value) => json.WriteString(name, $"0x{value:x}");
    }

    /// <summary>Writes what a hypervisor needs as a property of an object that is open.</summary>
    public static void WriteDetails(Utf8JsonWriter json, XenPvDomain domain, XenPvLayout layout)
    {
        json.WriteStartObject("xen_pv");
        json.WriteNumber("nr_frames", domain.FrameCount);
        json.WriteString("shared_info_mfn", domain.SharedInfoFrame.ToString());
        WriteFrame("start_info", domain.StartInfoFrame);
        WriteFrame("xenstore", domain.XenstoreFrame);
        WriteFrame("console", domain.ConsoleFrame);
        WriteFrame("top_table", domain.TopTable);
        WriteFrame("stack", domain.StackFrame);
        WriteFrame("boot_params", domain.BootParamsFrame);
        WriteFrame("hypercall_page", domain.HypercallFrame);
        WriteFrame("p2m", domain.P2MFrame);
        json.WriteNumber("p2m_frames", domain.P2MFrameCount);
        json.WriteString("p2m_virtual", domain.P2MAddress.ToString());
        json.WriteString("mapped_end", domain.MappedEnd.ToString());
        json.WriteStartArray("page_tables");
        foreach (PageTableMapping mapping in layout.Tables.Mappings)
        {
            for (int level = mapping.Levels.Length; level > 0; level--)
                WriteTables(level, mapping.Levels[level - 1]);
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void WriteFrame(string name, Pfn? frame)
        {
            if (frame is not { } pfn)
                return;
            json.WriteStartObject(name);
            json.WriteString("pfn", pfn.ToString());
            json.WriteString("mfn", domain.Frames[pfn].ToString());
            json.WriteEndObject();
        }

        void WriteTables(int level, PageTableLevel tables)
        {
            if (tables.Count == 0)
                return;
            json.WriteStartObject();
            json.WriteNumber("level", level);
            json.WriteString("pfn", tables.First.ToString());
            json.WriteNumber("frames", tables.Count);
            json.WriteString("covers_from", layout.Tables.AddressOf(tables.From).ToString());
            json.WriteString("covers_to", layout.Tables.AddressOf(tables.To).ToString());
            json.WriteEndObject();
        }
    }
}
