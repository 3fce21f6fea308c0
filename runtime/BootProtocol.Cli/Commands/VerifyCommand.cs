using System.Collections.Immutable;
using System.CommandLine;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Reports;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Verify;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto verify FILE</c>: reads a raw PV domain back as a hypervisor would, and names the rules that it breaks.</summary>
internal static class VerifyCommand
{
    private const ulong DefaultFrames = (256 << 20) / X86Page.Size;

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The frames of a PV domain, as 'build --boot xen-pv --format raw' writes them, with FILE.vcpu beside them, and FILE.json if it is "
                + "there.",
        };
        ArgumentRules.RefuseOptions(file);
        var memory = new Option<string?>("--memory", "-m")
        {
            Description = "Memory of the guest, as it was built: 256M, 3G, 0x10000000; digits alone are MiB. Unless told: what FILE.json says, "
                + "or 256M where there is no such file.",
            HelpName = "SIZE",
        };
        var first = new Option<string?>("--first-mfn")
        {
            Description = "The machine frame behind the guest's frame 0; the others follow it. Unless told: what FILE.json says, or 0x100000.",
            HelpName = "N",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("verify", "Check a PV domain: page tables, lists, registers and layout, as a hypervisor reads them.")
        {
            file, memory, first, json,
        };
        command.SetAction(parsed =>
        {
            ulong? frames = parsed.GetValue(memory) is { } size ? DomainValues.Memory(size) / X86Page.Size : null;
            ContiguousFrames? machine = parsed.GetValue(first) is { } number
                ? new ContiguousFrames(new Mfn(DomainValues.Number("--first-mfn", number)))
                : null;
            return Run(parsed.GetValue(file)!, frames, machine, parsed.GetValue(json), console);
        });
        return command;
    }

    private static int Run(string path, ulong? frameCount, IMachineFrames? frames, bool asJson, ToolConsole console)
    {
        ImmutableArray<Violation> violations = Verify(path, frameCount, frames);
        if (!asJson)
            return ViolationOutput.Print(path, violations, console);
        return ViolationOutput.WriteJson(writer => writer.WriteString("file", path), violations, console);
    }

    /// <summary>Checks the domain; what nobody told is what the description beside it says.</summary>
    private static ImmutableArray<Violation> Verify(string path, ulong? frameCount, IMachineFrames? frames)
    {
        RawDescription? description = frameCount is null || frames is null ? FindDescription(path) : null;
        return InputFile.Open(path, file =>
        {
            if (frameCount is null)
                description?.CheckFiles(file);
            XenPvImage image = XenPvImage.ReadRaw(
                file,
                frameCount ?? description?.FrameCount ?? DefaultFrames,
                frames ?? description?.Frames ?? new ContiguousFrames(XenPvBuilder.DefaultFirstFrame));
            using GuestMemory memory = image.Memory;
            return XenPvVerifier.Verify(image);
        });
    }

    private static RawDescription? FindDescription(string path)
    {
        string file = path + RawDescription.Extension;
        return Path.Exists(path) && Path.Exists(file)
            ? InputFile.Open(file, static file => RawDescription.Parse(File.ReadAllBytes(file)))
            : null;
    }
}
