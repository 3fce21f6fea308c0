using System.CommandLine;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Reports;
using BootProtocol.Output;
using BootProtocol.Reports;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto build [IMAGE]</c>: lays a guest out, shows its memory, and writes it.</summary>
internal static class BuildCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var domain = new DomainOptions();
        var format = new Option<string?>("--format")
        {
            Description = "What to write: one ELF file that boots wherever PVH kernels do (elf), or the frames as they are, with FILE.json "
                + "beside them, and FILE.vcpu for xen-pv (raw), or for xen-pv a saved domain that 'xl restore FILE' starts, named as the file "
                + "is (xl). By default: raw for xen-pv, elf for everything else. An ELF file of a xen-pv guest has code that plays the "
                + "hypervisor's part, and the guest's machine frames, from 0x400 by default, are the machine's own.",
        };
        format.AcceptOnlyFromAmong(DomainOutput.Elf, DomainOutput.Raw, DomainOutput.Xl);
        var stream = new Option<int?>("--stream")
        {
            Description = "With --format xl: the version of the stream, 3 for Xen 4.14 and later (by default), or 2, which older ones read, too.",
            HelpName = "2|3",
        };
        stream.AcceptOnlyFromAmong("2", "3");
        var file = new Option<string?>("--output", "-o")
        {
            Description = "The file to write, which appears whole or not at all; - is standard output. Without it the guest is built and shown only.",
            HelpName = "FILE",
        };
        var map = new Option<string?>("--map")
        {
            Description = "A file for the memory's map: a drawing (SVG), or text or JSON if its name ends in .txt or .json.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("build", "Build a guest: place its kernel and everything that the kernel is given, show it, write it.");
        domain.AddTo(command);
        foreach (Option option in new Option[] { format, stream, file, map, json })
            command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(format) is not null && parsed.GetValue(file) is null)
                throw new ToolException(ExitCode.Usage, "--format is for a file: name it with -o");
            if (parsed.GetValue(stream) is not null && parsed.GetValue(format) != DomainOutput.Xl)
                throw new ToolException(ExitCode.Usage, "--stream is for --format xl");
            if (OutputFile.IsStandardOutput(parsed.GetValue(file)) && OutputFile.IsStandardOutput(parsed.GetValue(map)))
                throw new ToolException(ExitCode.Usage, "only one file can be standard output (-), and -o and --map are two");
            DomainRequest request = domain.Read(parsed) with
            {
                IsForMachine = parsed.GetValue(format) == DomainOutput.Elf,
                IsForRestore = parsed.GetValue(format) == DomainOutput.Xl,
                StreamVersion = parsed.GetValue(stream) ?? XlOutputOptions.DefaultVersion,
            };
            return Run(request, parsed.GetValue(format), parsed.GetValue(file), parsed.GetValue(map), parsed.GetValue(json), console);
        });
        return command;
    }

    private static int Run(DomainRequest request, string? format, string? file, string? map, bool asJson, ToolConsole console)
    {
        using var built = BuiltDomain.Build(request, console);
        format ??= DomainOutput.DefaultFormat(built);
        DomainPlaces.RequireApart(built, format, file, map);
        if (file is not null)
            DomainOutput.Write(built, format, file);
        if (map is not null)
            DomainOutput.WriteMap(built, map);
        if (OutputFile.IsStandardOutput(file) || OutputFile.IsStandardOutput(map))
            return ExitCode.Done;
        if (!asJson)
        {
            ReportPrinter.Print(DomainReport.Create(built, file), console);
            return ExitCode.Done;
        }

        JsonOutput.Write(console.Output, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("file", built.ImageName);
            writer.WriteString("output", file);
            writer.WriteString("command_line", built.Request.CommandLine ?? "");
            DomainJson.WriteProperties(built.Domain, writer);
            writer.WriteEndObject();
        });
        return ExitCode.Done;
    }
}
