using BootProtocol.Elf;
using BootProtocol.LinuxOrc;

namespace BootProtocol.Symbols;

/// <summary>
/// Where a kernel's functions have their return addresses, for debuggers: its tables for its own stack dumps (ORC) as <c>.debug_frame</c> of DWARF.
/// </summary>
/// <remarks>
/// Kernels for x86-64 built with <c>CONFIG_UNWINDER_ORC</c> have the tables, from Linux 4.14 on. The tables' form is found by their most common entry,
/// never by the kernel's version. They say where rsp and rbp of the caller are, and where an interrupt saved all registers; of rbx and r12 to r15, which
/// functions save without a record, a debugger says that they are not saved. What interrupts and exceptions stopped is a signal frame.
/// Source: arch/x86/kernel/unwind_orc.c of Linux; DWARF 3, section 6.4.
/// </remarks>
/// <example><code>
/// if (kernel.Symbols is { Word: WordSize.Bits64 } symbols)
/// {
///     KernelFrames? frames = KernelFrames.Read(kernel.Elf, symbols);
///     using FileStream file = File.Create(Path.Combine(folder, "vmlinux"));
///     _ = SymbolElf.Write(kernel.Elf, symbols, file, frames);
///     Console.WriteLine(frames is null ? "built without ORC" : $"{frames.Count} descriptions of frames");
/// }
/// </code></example>
public sealed class KernelFrames
{
    private KernelFrames(FrameWriter writer)
    {
        DebugFrame = writer.Finish();
        Count = writer.Count;
    }

    /// <summary>The number of descriptions: one for each function, and more for those that have frames of several kinds.</summary>
    public int Count { get; }

    /// <summary>The section <c>.debug_frame</c>. Addresses are as linked.</summary>
    public ReadOnlyMemory<byte> DebugFrame { get; }

    /// <summary>Reads the tables of a kernel.</summary>
    /// <param name="elf">The kernel, decoded; it is read to its end.</param>
    /// <param name="symbols">Its symbols, which say where functions start.</param>
    /// <returns>Null if it has no such tables.</returns>
    /// <exception cref="BootFormatException">
    /// The tables are broken or of a form that is not known, what comes of them is larger than the limits allow, or the kernel cannot be decoded.
    /// </exception>
    public static KernelFrames? Read(ElfFile elf, KernelSymbols symbols)
    {
        ArgumentNullException.ThrowIfNull(elf);
        ArgumentNullException.ThrowIfNull(symbols);
        if (OrcTable.Read(elf) is not { } table)
            return null;
        var writer = new FrameWriter(elf.Limits);
        var functions = new Queue<ulong>(symbols.Where(static symbol => symbol.Kind is 'T' or 't' or 'W' or 'w').Select(static symbol => symbol.Address.Value));
        ulong start = 0;
        foreach (Section section in elf.Sections.Where(IsCode).OrderBy(static section => section.Address))
        {
            ulong end = section.Address.Value + Math.Min(section.Size, ulong.MaxValue - section.Address.Value);
            Add(writer, table, functions, Math.Max(section.Address.Value, start), end);
            start = Math.Max(start, end);
        }

        return new KernelFrames(writer);
    }

    private static bool IsCode(Section section) => section.Flags.HasFlag(SectionFlags.Allocate | SectionFlags.Execute);

    /// <summary>Adds what the tables say of the code between two addresses.</summary>
    private static void Add(FrameWriter writer, OrcTable table, Queue<ulong> functions, ulong start, ulong end)
    {
        for (int i = table.IndexAt(start); i < table.Count && table.AddressOf(i) < end; i++)
        {
            ulong next = i + 1 < table.Count ? Math.Min(table.AddressOf(i + 1), end) : end;
            OrcRow row = table.RowOf(i);
            for (ulong at = Math.Max(table.AddressOf(i), start); at < next;)
            {
                bool isStart = false;
                for (; functions.TryPeek(out ulong function) && function <= at; _ = functions.Dequeue())
                    isStart = function == at;
                ulong stop = functions.TryPeek(out ulong other) ? Math.Min(other, next) : next;

                // Padding needs no description for each function that it is in front of.
                writer.Add(at, stop, row, isStart && row.Type != OrcType.EndOfStack);
                at = stop;
            }
        }
    }
}
