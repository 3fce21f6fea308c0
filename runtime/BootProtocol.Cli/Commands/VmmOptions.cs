using System.CommandLine;
using BootProtocol.Cli.Running;
using BootProtocol.Kvm;

namespace BootProtocol.Cli.Commands;

/// <summary>The options that ask for this machine's KVM.</summary>
internal sealed class VmmOptions
{
    private readonly Option<bool> _vmm = new("--vmm")
    {
        Description = "Run the guest on this machine's KVM, without QEMU, or end with what is missing.",
    };

    private readonly Option<int?> _vcpus = new("--vcpus")
    {
        Description = "KVM: processors of the guest, 1 by default.",
        HelpName = "N",
    };

    private readonly Option<string[]> _disk = new("--disk")
    {
        Description = "KVM: a file that is a disk of the guest, vda, vdb and so on; ,ro behind it makes it read-only.",
        HelpName = "FILE[,ro]",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _console = new("--console")
    {
        Description = "KVM: what the keyboard is for the guest: serial, its first serial port (ttyS0), or virtio, a VIRTIO console (hvc0). What it "
            + "writes to either is shown. serial by default.",
        HelpName = "serial|virtio",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _vmm, _vcpus, _disk, _console })
            command.Add(option);
    }

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isQemu">Whether something is asked of QEMU.</param>
    /// <exception cref="ToolException">They go with nothing that is asked of QEMU.</exception>
    /// <exception cref="KvmUnavailableException">KVM is asked for, and cannot be used.</exception>
    public VmmRequest Read(ParseResult parsed, bool isQemu)
    {
        int? vcpus = parsed.GetValue(_vcpus);
        string[] disks = parsed.GetValue(_disk) ?? [];
        string? console = parsed.GetValue(_console);
        bool isRequired = parsed.GetValue(_vmm) || vcpus is not null || disks.Length > 0 || console is not null;
        if (isRequired && isQemu)
            throw new ToolException(ExitCode.Usage, "--vmm, --vcpus, --disk and --console are for KVM; --accel, --machine and what is behind -- are for QEMU");
        if (vcpus is < 1 or > KvmMachineOptions.MostVcpus)
            throw new ToolException(ExitCode.Usage, $"--vcpus: expected 1 to {KvmMachineOptions.MostVcpus}, found '{vcpus}'");
        if (disks.Length > KvmMachineOptions.MostDisks)
            throw new ToolException(ExitCode.Usage, $"--disk: expected at most {KvmMachineOptions.MostDisks}, found {disks.Length}");
        if (Array.Find(disks, static disk => disk is "" or ",ro") is { } nameless)
            throw new ToolException(ExitCode.Usage, $"--disk: expected a path, found '{nameless}'");
        if (console is not (null or "serial" or "virtio"))
            throw new ToolException(ExitCode.Usage, $"--console: expected serial or virtio, found '{console}'");
        if (isRequired)
            KvmMachine.Check();
        return new VmmRequest(isRequired || (!isQemu && KvmMachine.IsAccelerated), isRequired, vcpus ?? 1, disks, console == "virtio");
    }
}
