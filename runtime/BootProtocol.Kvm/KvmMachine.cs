using BootProtocol.Domains;
using BootProtocol.Kvm.Host;

namespace BootProtocol.Kvm;

/// <summary>Runs domains on Linux's KVM.</summary>
/// <remarks>
/// A machine has the processors, interrupt controllers and timer that KVM has in the kernel, kvm-clock, a 16550A at port 0x3f8, a clock, ports
/// that switch it off and reset it, ACPI tables, disks and a console. Where a PC has its ROM, 0xc0000 to 0xfffff, are zeros that cannot be written, and
/// the tables.
/// </remarks>
/// <example><code>
/// static KvmEnd Boot(Kernel kernel, CancellationToken cancellation)
/// {
///     KvmMachine.Check();
///     const ulong Size = 256 &lt;&lt; 20;
///     using LinuxDomain guest = new LinuxBootBuilder
///     {
///         MemorySize = Size,
///         CommandLine = "console=ttyS0",
///         AcpiRsdp = KvmMachine.AcpiRsdp,
///         Target = KvmMemory.Allocate(MemoryMap.ForPc(Size)),
///     }.Build(kernel);
///     return KvmMachine.Run(guest, new KvmMachineOptions { SerialOutput = Stream.Null }, cancellation);
/// }
/// </code></example>
public static class KvmMachine
{
    /// <summary>Where the ACPI root pointer of a machine is: what a domain has to be built with.</summary>
    public static Paddr AcpiRsdp => new(MachinePlan.TablesStart);

    /// <summary>Looks whether KVM can be used here.</summary>
    /// <exception cref="KvmUnavailableException">It cannot; the message says why, in one line.</exception>
    public static void Check() => KvmPresence.Open().Dispose();

    /// <summary>
    /// Whether KVM can be used here, on a processor that has VMX or SVM for it: there are kernels whose KVM emulates what other processors do,
    /// and runs few guests.
    /// </summary>
    public static bool IsAccelerated
    {
        get
        {
            try
            {
                Check();
                return KvmPresence.HasVirtualization();
            }
            catch (KvmUnavailableException)
            {
                return false;
            }
        }
    }

    /// <summary>Runs a domain until its guest ends, or somebody ends it. It can be run once: the guest changes its memory.</summary>
    /// <param name="domain">The domain, built in a <see cref="KvmMemory"/> of the same memory map; it stays the caller's.</param>
    /// <param name="options">What the machine has.</param>
    /// <param name="cancellation">Ends the guest, wherever it is.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="KvmUnavailableException">There is no KVM to use.</exception>
    /// <exception cref="KvmException">KVM refused a step.</exception>
    /// <exception cref="BootRequestException">The domain cannot be run so, or what is asked for is not possible.</exception>
    /// <exception cref="ArgumentException">A device of the caller's has no ports or addresses, or some beyond the last one.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static KvmEnd Run(Domain domain, KvmMachineOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(options);
        cancellation.ThrowIfCancellationRequested();
        using KvmFile driver = KvmPresence.Open();
        using var machine = Machine.Create(driver, domain, options);
        return machine.Run(cancellation);
    }
}
