namespace BootProtocol.Xen.Domains;

/// <summary>A page table of a domain in which Xen has entries of its own.</summary>
/// <param name="Frame">The domain's frame of the table.</param>
/// <param name="FirstEntry">The first of Xen's entries.</param>
/// <param name="Entries">How many follow each other.</param>
internal readonly record struct SharedTable(Pfn Frame, int FirstEntry, int Entries);
