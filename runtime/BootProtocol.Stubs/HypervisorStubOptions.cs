namespace BootProtocol.Stubs;

/// <summary>The PV domain that a hypervisor stub starts; see <see cref="HypervisorStub"/>.</summary>
/// <example><code>
/// var options = new HypervisorStubOptions
/// {
///     Address = new Paddr(0x8000000),
///     Word = WordSize.Bits32,
///     PageTables = new Paddr(0x300000),
///     EntryPoint = new Vaddr(0xc0100000),
///     StackPointer = new Vaddr(0xc0200000),
///     StartInfo = new Vaddr(0xc0201000),
/// };
/// Console.WriteLine(HypervisorStub.Create(options).Entry);
/// </code></example>
public sealed record HypervisorStubOptions
{
    /// <summary>
    /// Where the stub lies: a page from 1 MiB on, wholly below 1 GiB, and none of the domain's frames from there on for
    /// <see cref="HypervisorStub.MemorySize"/> bytes.
    /// </summary>
    public required Paddr Address { get; init; }

    /// <summary>The domain's word size: 32 bits stands for PAE.</summary>
    public required WordSize Word { get; init; }

    /// <summary>The domain's top page table, where its machine frames are physical ones: a page below 4 GiB, like all of its tables.</summary>
    public required Paddr PageTables { get; init; }

    /// <summary>The instruction pointer at the start.</summary>
    public required Vaddr EntryPoint { get; init; }

    /// <summary>The stack pointer at the start.</summary>
    public required Vaddr StackPointer { get; init; }

    /// <summary>What rsi or esi holds at the start: start_info, or a zero page that leads to it.</summary>
    public required Vaddr StartInfo { get; init; }
}
