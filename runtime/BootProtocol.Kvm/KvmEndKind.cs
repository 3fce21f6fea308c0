namespace BootProtocol.Kvm;

/// <summary>In which way a machine ended.</summary>
/// <example><code>
/// KvmEndKind kind = KvmEndKind.PowerOff;
/// Console.WriteLine(kind is KvmEndKind.PowerOff or KvmEndKind.Exit ? "the guest ended by itself" : "it did not");
/// </code></example>
public enum KvmEndKind
{
    /// <summary>The guest switched the machine off, by ACPI.</summary>
    PowerOff,

    /// <summary>It reset the machine: by ACPI, the keyboard controller, or port 0xcf9.</summary>
    Reset,

    /// <summary>A processor could handle nothing more.</summary>
    TripleFault,

    /// <summary>It wrote a number to port 0x501, as QEMU's device isa-debug-exit has it.</summary>
    Exit,

    /// <summary>KVM could not go on.</summary>
    Failed,
}
