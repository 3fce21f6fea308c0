namespace BootProtocol.Stubs;

/// <summary>How a kernel is entered.</summary>
/// <example><code>
/// EntryMode mode = kernel.Elf.Word == WordSize.Bits64 ? EntryMode.Linux64 : EntryMode.Linux32;
/// Console.WriteLine(mode);
/// </code></example>
public enum EntryMode
{
    /// <summary>Linux's 32-bit boot protocol: protected mode without paging, esi points to the zero page.</summary>
    Linux32,

    /// <summary>Linux's 64-bit boot protocol: long mode with page tables of the loader's, rsi points to the zero page.</summary>
    Linux64,

    /// <summary>PVH: protected mode without paging, ebx points to hvm_start_info.</summary>
    Pvh,
}
