using System.Buffers;
using System.Globalization;

namespace BootProtocol.Cli.Running;

/// <summary>Where a processor was when its machine ended.</summary>
/// <param name="InstructionPointer">The instruction.</param>
/// <param name="StackPointer">The stack.</param>
/// <param name="FaultAddress">Control register 2: the address of the last page fault.</param>
/// <param name="PageTables">Control register 3; of no meaning without paging.</param>
/// <param name="IsPaging">Whether paging is on.</param>
/// <param name="HasHandlers">Whether there is a table of handlers for exceptions.</param>
internal sealed record ProcessorState(
    ulong InstructionPointer, ulong StackPointer, ulong FaultAddress, ulong PageTables, bool IsPaging, bool HasHandlers)
{
    private const ulong Paging = 1UL << 31;
    private const string Breakpoint = "0xcc";
    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The byte at the instruction pointer, as QEMU shows it; null if nobody looked.</summary>
    public string? Instruction { get; init; }

    /// <summary>
    /// Whether the processor was brought to its end on purpose: by a breakpoint without any handlers, as Linux does with <c>reboot=t</c>
    /// (native_machine_emergency_restart in arch/x86/kernel/reboot.c), and where all other ways fail.
    /// </summary>
    public bool IsWanted => !HasHandlers && Instruction?.TrimEnd().EndsWith(Breakpoint, StringComparison.Ordinal) == true;

    /// <summary>Finds the state of the first processor that was at work, in what QEMU shows of all.</summary>
    /// <param name="registers">QEMU's text: <c>NAME=value</c> in hexadecimal digits, a part for each processor.</param>
    /// <returns>The state; null if it is not there.</returns>
    public static ProcessorState? Find(string registers)
    {
        string[] processors = [.. registers.Split("CPU#").Where(static part => part.Contains("CR0=", StringComparison.Ordinal))];
        string? text = processors.FirstOrDefault(static part => part.Contains("HLT=0", StringComparison.Ordinal)) ?? processors.FirstOrDefault();
        if (text is null || (Number(text, "RIP=") ?? Number(text, "EIP=")) is not { } instruction || Number(text, "CR0=") is not { } control)
            return null;

        // The table's line has its address, and then its last byte's offset.
        string[] table = After(text, "IDT=").Split([' ', '\r', '\n'], 3, StringSplitOptions.RemoveEmptyEntries);
        return new ProcessorState(
            instruction,
            Number(text, "RSP=") ?? Number(text, "ESP=") ?? 0,
            Number(text, "CR2=") ?? 0,
            Number(text, "CR3=") ?? 0,
            (control & Paging) != 0,
            table is not [_, var limit, ..] || limit.AsSpan().Trim('0').Length > 0);
    }

    /// <summary>The place as <c>rip 0x39ce0fd, rsp 0x3a7f020, cr2 0x39ce0fd, cr3 0x3a80000</c>.</summary>
    public override string ToString()
    {
        string place = $"rip 0x{InstructionPointer:x}, rsp 0x{StackPointer:x}";
        return IsPaging ? $"{place}, cr2 0x{FaultAddress:x}, cr3 0x{PageTables:x}" : $"{place}, paging off";
    }

    private static string After(string text, string name)
    {
        int at = text.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? "" : text[(at + name.Length)..];
    }

    private static ulong? Number(string text, string name)
    {
        string rest = After(text, name);
        int end = rest.AsSpan().IndexOfAnyExcept(_digits);
        return ulong.TryParse(
            end < 0 ? rest : rest[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;
    }
}
