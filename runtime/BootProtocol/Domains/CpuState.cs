using System.Text.Json;

namespace BootProtocol.Domains;

/// <summary>The state in which the first processor starts, for ways that start without a hypervisor's help.</summary>
/// <remarks>
/// Segments are flat. What is not set is zero, apart from what processors keep set; interrupts are off. Source: Documentation/arch/x86/boot.rst
/// of Linux, docs/misc/pvh of Xen.
/// </remarks>
/// <example><code>
/// CpuState cpu = linux.Cpu;
/// Console.WriteLine($"starts at {cpu.InstructionPointer}, rsi 0x{cpu.Rsi:x}, page tables at 0x{cpu.Cr3:x}, long mode: {cpu.IsLongMode}");
/// </code></example>
public sealed record CpuState
{
    /// <summary>Whether it starts in 64-bit mode; otherwise in 32-bit protected mode.</summary>
    public required bool IsLongMode { get; init; }

    /// <summary>The address of the first instruction.</summary>
    public required Paddr InstructionPointer { get; init; }

    /// <summary>What rsi or esi points at: boot_params; 0 for PVH.</summary>
    public ulong Rsi { get; init; }

    /// <summary>What ebx points at: hvm_start_info for PVH; 0 otherwise.</summary>
    public ulong Rbx { get; init; }

    /// <summary>Control register 0.</summary>
    public required ulong Cr0 { get; init; }

    /// <summary>Control register 3: the page tables; 0 without paging.</summary>
    public ulong Cr3 { get; init; }

    /// <summary>Control register 4.</summary>
    public ulong Cr4 { get; init; }

    /// <summary>The extended feature enable register.</summary>
    public ulong Efer { get; init; }

    /// <summary>Where the descriptors of the segments are; 0 if the way asks for none.</summary>
    public Paddr DescriptorTable { get; init; }

    /// <summary>The selector of the code segment.</summary>
    public ushort CodeSelector { get; init; }

    /// <summary>The selector of the data and stack segments.</summary>
    public ushort DataSelector { get; init; }

    /// <summary>Writes the registers as properties of an object that is open, each under its processor's name.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        char prefix = IsLongMode ? 'r' : 'e';
        json.WriteString("mode", IsLongMode ? "64-bit" : "32-bit protected");
        json.WriteString($"{prefix}ip", InstructionPointer.ToString());
        json.WriteString($"{prefix}si", $"0x{Rsi:x}");
        json.WriteString($"{prefix}bx", $"0x{Rbx:x}");
        json.WriteString("cr0", $"0x{Cr0:x}");
        json.WriteString("cr3", $"0x{Cr3:x}");
        json.WriteString("cr4", $"0x{Cr4:x}");
        json.WriteString("efer", $"0x{Efer:x}");
        json.WriteString("gdtr_base", DescriptorTable.ToString());
        json.WriteString("cs", $"0x{CodeSelector:x}");
        json.WriteString("ds", $"0x{DataSelector:x}");
    }
}
