namespace BootProtocol.Reports;

/// <summary>What a part of a domain's physical addresses is.</summary>
/// <example><code>
/// ulong free = DomainMap.Of(linux).Where(row =&gt; row.Kind == DomainMapKind.Free).Aggregate(0UL, (sum, row) =&gt; sum + row.Length);
/// Console.WriteLine($"{free} bytes are free");
/// </code></example>
public enum DomainMapKind
{
    /// <summary>Something is laid out there.</summary>
    Region,

    /// <summary>Memory that nothing was put into.</summary>
    Free,

    /// <summary>The memory map keeps the guest from using it as memory.</summary>
    Reserved,

    /// <summary>No range of the memory map has it.</summary>
    Hole,
}
