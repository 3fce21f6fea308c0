using System.CommandLine;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Kexec;
using BootProtocol.Kexec;
using BootProtocol.Relocate;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto kexec load [IMAGE]</c>: loads a kernel, or shows where it would lie.</summary>
internal static class KexecLoadCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var domain = new DomainOptions();
        var reuse = new Option<bool>("--reuse-cmdline")
        {
            Description = "Take the running kernel's command line, without BOOT_IMAGE, initrd and elfcorehdr, and with --panic without crashkernel.",
        };
        var append = new Option<string?>("--append") { Description = "With --reuse-cmdline: what comes behind it.", HelpName = "TEXT" };
        Option<bool> panic = KexecCommand.Panic("Load it to run when this kernel panics, in the memory that crashkernel= has set aside.");
        var file = new Option<bool>("--file")
        {
            Description = "Have the running kernel read the image itself (kexec_file_load): the only way under lockdown and Secure Boot, for a signed bzImage.",
        };
        var dry = new Option<bool>("--dry-run") { Description = "Show where everything would lie, and load nothing." };
        var json = new Option<bool>("--json") { Description = "With --dry-run: write JSON." };
        var command = new Command(
            "load",
            "Load a kernel that takes the running one's place at 'bootproto kexec exec' or 'systemctl kexec'. It is decompressed and relocated now, and "
            + "starts in this machine's own memory, with its EFI and ACPI.");
        domain.AddKexecTo(command);
        foreach (Option option in new Option[] { reuse, append, panic, file, dry, json })
            command.Add(option);
        command.SetAction(parsed => Run(
            new KexecRequest
            {
                Domain = domain.Read(parsed),
                IsReusing = parsed.GetValue(reuse),
                Appended = parsed.GetValue(append),
                Purpose = KexecCommand.PurposeOf(parsed.GetValue(panic)),
                IsFile = parsed.GetValue(file),
                IsDry = parsed.GetValue(dry),
                IsJson = parsed.GetValue(json),
            },
            console));
        return command;
    }

    private static int Run(KexecRequest request, ToolConsole console)
    {
        if (request.IsReusing && request.Domain.CommandLine is not null)
            throw new ToolException(ExitCode.Usage, "--cmdline and --reuse-cmdline are two command lines; --append is for more behind the second");
        if (request.Appended is not null && !request.IsReusing)
            throw new ToolException(ExitCode.Usage, "--append is for --reuse-cmdline");
        if (request.IsFile && (request.IsDry || request.Domain.DecompressInGuest || request.Domain.IsSample || request.Domain.Kaslr != Kaslr.None))
        {
            throw new ToolException(
                ExitCode.Usage, "with --file the running kernel places an image as it is: not with --dry-run, --kaslr, --decompress-in-guest and --sample");
        }

        if (request.IsJson && !request.IsDry)
            throw new ToolException(ExitCode.Usage, "--json is for --dry-run");
        KexecHost host = KexecHost.Open();
        new KexecLoading(host, new KexecLoader(host), console).Run(request);
        return ExitCode.Done;
    }
}
