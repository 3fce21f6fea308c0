using System.Collections.Immutable;
using System.CommandLine;
using BootProtocol.Build;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Reports;
using BootProtocol.Memory;
using BootProtocol.Verify;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto verify FILE</c>: reads a raw PV domain back as a hypervisor would, and names the rules that it breaks.</summary>
internal static class VerifyCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The frames of a PV domain, as 'build --boot xen-pv --format raw' writes them, with FILE.vcpu beside them.",
        };
        ArgumentRules.RefuseOptions(file);
        var memory = new Option<string>("--memory", "-m")
        {
            Description = "Memory of the guest, as it was built: 256M, 3G, 0x10000000; digits alone are MiB.",
            HelpName = "SIZE",
            DefaultValueFactory = static _ => "256M",
        };
        var first = new Option<string?>("--first-mfn")
        {
            Description = "The machine frame behind the guest's frame 0; the others follow it.",
            HelpName = "N",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("verify", "Check a PV domain: page tables, lists, registers and layout, as a hypervisor reads them.")
        {
            file, memory, first, json,
        };
        command.SetAction(parsed =>
        {
            Mfn frame = parsed.GetValue(first) is { } text
                ? new Mfn(DomainValues.Number("--first-mfn", text))
                : XenPvBuilder.DefaultFirstFrame;
            ulong frames = DomainValues.Memory(parsed.GetValue(memory)!) / GuestMemory.PageSize;
            return Run(parsed.GetValue(file)!, frames, new ContiguousFrames(frame), parsed.GetValue(json), console);
        });
        return command;
    }

    private static int Run(string path, ulong frameCount, IMachineFrames frames, bool asJson, ToolConsole console)
    {
        ImmutableArray<Violation> violations = Verify(path, frameCount, frames);
        if (!asJson)
            return ViolationOutput.Print(path, violations, console);
        return ViolationOutput.WriteJson(writer => writer.WriteString("file", path), violations, console);
    }

    private static ImmutableArray<Violation> Verify(string path, ulong frameCount, IMachineFrames frames) => InputFile.Open(path, file =>
    {
        XenPvImage image = XenPvImage.ReadRaw(file, frameCount, frames);
        using GuestMemory memory = image.Memory;
        return XenPvVerifier.Verify(image);
    });
}
