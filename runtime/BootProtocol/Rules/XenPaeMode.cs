namespace BootProtocol.Rules;

/// <summary>What a 32-bit guest kernel for Xen says about PAE paging.</summary>
/// <example><code>
/// XenPaeMode mode = XenGuestParameters.Read(kernel.Elf).PaeMode;
/// Console.WriteLine(mode == XenPaeMode.No ? "without PAE: no guest for Xen today" : $"PAE: {mode}");
/// </code></example>
public enum XenPaeMode
{
    /// <summary>It does not use PAE: only Xen before 3.1 can start it.</summary>
    No,

    /// <summary>It uses PAE, and its top page table must lie below 4 GiB.</summary>
    Yes,

    /// <summary>It uses PAE, and its top page table may lie anywhere.</summary>
    ExtendedCr3,

    /// <summary>It runs with PAE, where its top page table may lie anywhere, and without.</summary>
    Bimodal,
}
