using System.Collections.Immutable;
using BootProtocol.Elf;

namespace BootProtocol.Symbols;

/// <summary>What a kernel exports to its modules: all that <c>Module.symvers</c> of its build says of the kernel itself.</summary>
/// <remarks>
/// Source: include/linux/export-internal.h and kernel/module/main.c of Linux. Entries are found by the sections of the kernel's ELF file:
/// <c>__ksymtab</c>, and <c>__ksymtab_gpl</c> for what only modules under the GPL may use; newer kernels say that by <c>__kflagstab</c>. Their
/// form is the one by which every entry has a name.
/// </remarks>
/// <example><code>
/// ImmutableArray&lt;KernelExport&gt;? exports = KernelExports.Read(kernel.Elf);
/// Console.WriteLine(exports is { } all ? $"{all.Length} exports" : "built without modules");
/// </code></example>
public static class KernelExports
{
    /// <summary>In <c>__kflagstab</c>: for modules under the GPL only.</summary>
    private const int GplOnly = 1;

    /// <summary>Reads the exports of a kernel, in the order in which they stand.</summary>
    /// <param name="elf">The kernel, decoded; it is read to its end.</param>
    /// <returns>Null if it exports nothing, as it was built without modules.</returns>
    /// <exception cref="BootFormatException">A section is broken, its names take more than the limits allow, or the kernel cannot be decoded.</exception>
    public static ImmutableArray<KernelExport>? Read(ElfFile elf)
    {
        ArgumentNullException.ThrowIfNull(elf);
        ImmutableArray<KernelExport>.Builder exports = ImmutableArray.CreateBuilder<KernelExport>();
        Add(exports, elf, "__ksymtab", "__kcrctab", isGplOnly: false);
        Add(exports, elf, "__ksymtab_gpl", "__kcrctab_gpl", isGplOnly: true);
        return exports.Count == 0 ? null : exports.ToImmutable();
    }

    private static void Add(
        ImmutableArray<KernelExport>.Builder exports, ElfFile elf, string name, string checksums, bool isGplOnly)
    {
        if (!elf.Sections.TryFind(name, out Section section) || !section.HasBytes)
            return;
        if (ExportTable.Find(elf, section) is not { } table)
        {
            string found = KallsymsFaults.Text($"{section.Size} bytes of others");
            throw new BootFormatException(BootErrorCode.Malformed, name, "", (long)section.FileOffset, "entries that all have a name", found);
        }

        NumberList sums = Sums(elf, checksums, table.Count);
        ReadOnlySpan<byte> flags = elf.Sections.TryFind("__kflagstab", out Section flagged) && flagged.Size == (ulong)table.Count ? flagged.Bytes : default;
        for (int i = 0; i < table.Count; i++)
        {
            bool isGpl = isGplOnly || (!flags.IsEmpty && (flags[i] & GplOnly) != 0);
            exports.Add(new KernelExport(table.NameOf(i)!, table.AddressOf(i), isGpl, table.NamespaceOf(i), sums.Count > i ? (uint)sums[i] : 0));
        }
    }

    /// <summary>The checksums: 32 bits each, in 64-bit kernels up to 4.9 in 64.</summary>
    private static NumberList Sums(ElfFile elf, string name, int count)
    {
        if (!elf.Sections.TryFind(name, out Section section) || section.Size % (ulong)count != 0)
            return default;
        return (int)(section.Size / (ulong)count) is var width and (4 or 8) ? new NumberList(section.Bytes, width) : default;
    }
}
