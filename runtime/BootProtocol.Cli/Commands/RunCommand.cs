using System.CommandLine;
using System.Globalization;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Running;
using BootProtocol.Domains;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto run [IMAGE]</c>: builds a guest and starts it here.</summary>
internal static class RunCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "run";

    /// <summary>A number that nobody who means seconds goes beyond, and that the system's clocks can count to.</summary>
    private const int MostSeconds = 1_000_000;

    /// <summary>What stands before arguments for QEMU.</summary>
    public const string Separator = "--";

    /// <summary>The command, for a console.</summary>
    /// <param name="console">Where it writes.</param>
    /// <param name="more">The arguments behind the separator.</param>
    public static Command Create(ToolConsole console, IReadOnlyList<string> more)
    {
        var domain = new DomainOptions();
        var accelerator = new Option<string>("--accel")
        {
            Description = "What executes the guest in QEMU: its emulation (tcg, by default), or kvm.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => "tcg",
        };
        var type = new Option<string>("--machine")
        {
            Description = "QEMU's machine: q35, pc, microvm, or another that its -machine takes.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => "q35",
        };
        var vmm = new VmmOptions();
        var timeout = new Option<double?>("--timeout")
        {
            Description = "End the guest after so many seconds, with exit code 124.",
            HelpName = "SECONDS",
        };
        timeout.Validators.Add(static result =>
        {
            bool isNumber = result.Tokens is [var token]
                && double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
                && seconds is > 0 and <= MostSeconds;
            if (!isNumber)
                result.AddError($"--timeout: expected a number of seconds above 0, at most {MostSeconds}");
        });
        var command = new Command(
            Name,
            "Build a guest and start it here, on KVM or in QEMU, its first serial port on this terminal. It runs on this machine's KVM where that can "
            + "be used and nothing is asked of QEMU, else in QEMU. On KVM, Ctrl-A x ends it, and all other keys are the guest's; in QEMU, Ctrl-C ends "
            + "it, and arguments behind -- are QEMU's. The exit code is 0 if the guest switched itself off or reset (a line says so), 2 * N + 1 if it wrote "
            + "N to port 0x501, as the sample guest does at its end (33: all was reported); 1 if it died, which a line says with the last known "
            + "place, and if it could not be started; QEMU's own else. A signal ends with 128 and its number.");
        domain.AddTo(command);
        vmm.AddTo(command);
        foreach (Option option in new Option[] { accelerator, type, timeout })
            command.Add(option);
        command.SetAction(parsed =>
        {
            bool isQemu = more.Count > 0 || IsGiven(parsed, accelerator) || IsGiven(parsed, type);
            VmmRequest wanted = vmm.Read(parsed, isQemu);
            return Run(
                domain.Read(parsed) with { IsForMachine = true, IsStartedHere = true, IsForVmm = wanted.IsUsed },
                wanted,
                (built, kernel) => new QemuMachine
                {
                    Type = parsed.GetValue(type)!,
                    Accelerator = parsed.GetValue(accelerator)!,
                    Memory = built.MachineMemory,
                    Kernel = kernel,
                    HasHypervisorStub = built.Domain is XenPvDomain,
                    More = more,
                },
                parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                console);
        });
        return command;
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string CreateFolder()
    {
        try
        {
            return Directory.CreateTempSubdirectory("bootproto-").FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ExitCode.Missing, $"a folder for temporary files cannot be made in {Path.GetTempPath()}: {exception.Message}");
        }
    }

    private static int Run(
        DomainRequest request, VmmRequest vmm, Func<BuiltDomain, string, QemuMachine> describe, TimeSpan? timeout, ToolConsole console)
    {
        using var built = BuiltDomain.Build(request, console);
        console.Output.Flush();
        if (built.IsForVmm)
            return Interruption.During(interruption => VmmRun.Run(built.Domain, vmm, timeout, interruption, console));
        if (vmm.IsRequired)
            throw new ToolException(ExitCode.Usage, "KVM runs no paravirtualised guest of Xen: --boot xen-pv is for QEMU");
        return Interruption.During(interruption =>
        {
            string folder = CreateFolder();
            try
            {
                string file = Path.Combine(folder, "guest.elf");
                DomainOutput.Write(built, DomainOutput.Elf, file);
                QemuMachine machine = describe(built, file);
                built.Dispose(); // the machine has memory of its own
                return QemuProcess.Run(machine, folder, timeout, interruption, console);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
    }
}
