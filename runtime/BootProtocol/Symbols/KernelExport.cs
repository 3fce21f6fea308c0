namespace BootProtocol.Symbols;

/// <summary>A symbol that a kernel exports to its modules.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its virtual address, as linked.</param>
/// <param name="IsGplOnly">Whether modules have to be under the GPL to use it (<c>EXPORT_SYMBOL_GPL</c>).</param>
/// <param name="NamespaceName">The namespace that modules have to import for it; empty for none.</param>
/// <param name="Crc">The checksum of its type, which modules have to agree with; 0 in kernels without <c>CONFIG_MODVERSIONS</c>.</param>
/// <example><code>
/// foreach (KernelExport export in KernelExports.Read(kernel.Elf) ?? [])
///     Console.WriteLine($"0x{export.Crc:x8} {export.Name} {(export.IsGplOnly ? "GPL" : "")}");
/// </code></example>
public sealed record KernelExport(string Name, Vaddr Address, bool IsGplOnly, string NamespaceName, uint Crc);
