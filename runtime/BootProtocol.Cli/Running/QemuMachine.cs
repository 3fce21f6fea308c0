namespace BootProtocol.Cli.Running;

/// <summary>A virtual machine of QEMU.</summary>
internal sealed record QemuMachine
{
    /// <summary>QEMU's machine type, options included.</summary>
    public required string Type { get; init; }

    /// <summary>What executes the guest, options included.</summary>
    public required string Accelerator { get; init; }

    /// <summary>Bytes of memory: whole MiB, rounded up, as QEMU takes no less.</summary>
    public required ulong Memory { get; init; }

    /// <summary>The ELF file to start.</summary>
    public required string Kernel { get; init; }

    /// <summary>Whether code of ours plays the hypervisor's part in it.</summary>
    public bool HasHypervisorStub { get; init; }

    /// <summary>More arguments, as a person gave them.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>Whether QEMU itself executes the guest.</summary>
    public bool IsEmulated => Accelerator.StartsWith("tcg", StringComparison.Ordinal);

    /// <summary>
    /// The arguments: the first serial port is this terminal, a reset ends the machine, and a guest can end it with a status by port 0x501.
    /// </summary>
    /// <param name="control">The line over which QEMU says why the guest ended; null for none.</param>
    public IEnumerable<string> Arguments(QemuControl? control) =>
    [
        "-accel", Accelerator,
        "-machine", Type,
        "-m", $"{(Memory + (1 << 20) - 1) >> 20}M",
        "-nodefaults",
        "-display", "none",
        "-chardev", "stdio,id=console,signal=on",
        "-serial", "chardev:console",
        "-device", "isa-debug-exit,iobase=0x501,iosize=2",
        .. control?.Arguments ?? ["-no-reboot"],
        "-kernel", Kernel,
        .. More,
    ];
}
