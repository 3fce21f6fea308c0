using System.CommandLine;
using System.CommandLine.Parsing;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Cli.DomainFiles;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary>The options that say what a domain of Xen is to be: one by one, or in a file of Xen's own tool.</summary>
internal sealed class XenStartOptions
{
    /// <summary>Xen itself has no more.</summary>
    private const uint MostVCpus = 8192;

    private readonly DomainOptions _domain = new();
    private readonly DeviceOptions _devices = new();

    private readonly Option<string?> _file = new("--file", "-f")
    {
        Description = "A domain's file as xl takes it. Options that are given besides come before what it says.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "The domain's name. By default: bootproto-ID, after its number.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _maximum = new("--maxmem")
    {
        Description = "PV: memory that it may be given later, as by 'xl mem-set'. By default: no more than it starts with.",
        HelpName = "SIZE",
    };

    private readonly Option<uint> _vcpus = new("--vcpus")
    {
        Description = "Virtual CPUs, at least 1.",
        HelpName = "N",
        DefaultValueFactory = static _ => 1,
    };

    private readonly Option<string?> _onReboot = new("--on-reboot")
    {
        Description = "Stay until the domain ends. If its guest restarts: destroy it, leave it as it is (preserve), or destroy it and build it anew (restart).",
    };

    /// <summary>Makes them.</summary>
    public XenStartOptions() => _onReboot.AcceptOnlyFromAmong("preserve", "destroy", "restart");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _domain.AddXenTo(command);
        command.Add(_file);
        command.Add(_name);
        command.Add(_maximum);
        command.Add(_vcpus);
        _devices.AddTo(command);
        command.Add(_onReboot);
    }

    /// <summary>Reads them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="console">Where keys are named that a file has and that are not taken.</param>
    /// <exception cref="ToolException">One is wrong, or the file is.</exception>
    public StartRequest Read(ParseResult parsed, ToolConsole console)
    {
        DomainRequest domain = _domain.Read(parsed);
        uint vcpus = parsed.GetValue(_vcpus);
        if (vcpus is < 1 or > MostVCpus)
            throw new ToolException(ExitCode.Usage, $"--vcpus: expected 1 to {MostVCpus}, found '{vcpus}'");
        EndAction onReboot = Enum.TryParse(parsed.GetValue(_onReboot), ignoreCase: true, out EndAction action) ? action : EndAction.None;
        var request = new StartRequest
        {
            Domain = domain,
            MaximumMemory = parsed.GetValue(_maximum) is { } maximum ? DomainValues.Memory(maximum) : null,
            VCpus = vcpus,
            Name = parsed.GetValue(_name),
            Devices = _devices.Read(parsed),
            Ends = EndActions.None with { Reboot = onReboot },
        };
        return parsed.GetValue(_file) is { } file ? Complete(request, parsed, file, console) : request;
    }

    /// <summary>Takes from a file what no option says.</summary>
    private StartRequest Complete(StartRequest request, ParseResult parsed, string name, ToolConsole console)
    {
        InputFile.RequireOneStandard([name, request.Domain.Image, .. request.Domain.Initrds]);
        string text = InputFile.ReadText(name);
        DomainFile file = DomainFile.Read(SpecText.Printable(name), text);
        if (!file.Others.IsEmpty)
            console.Error.WriteLine($"warning: {SpecText.Printable(name)}: not taken here: {string.Join(", ", file.Others)}");
        DomainRequest domain = request.Domain;
        string? kernel = domain.Image ?? (domain.IsSample ? null : file.Kernel);
        if (kernel is null && !domain.IsSample)
            throw new ToolException(ExitCode.BadInput, $"{SpecText.Printable(name)}: it names no kernel");
        bool isMemoryGiven = IsGiven(parsed, "--memory");
        ulong memory = isMemoryGiven ? domain.Memory : file.MemorySize ?? domain.Memory;
        if (file.VCpus > MostVCpus)
            throw new ToolException(ExitCode.BadInput, $"{SpecText.Printable(name)}: vcpus: expected 1 to {MostVCpus}, found '{file.VCpus}'");
        return request with
        {
            Domain = domain with
            {
                Image = kernel,
                Way = domain.Way ?? file.Way,
                Memory = memory,
                Initrds = domain.Initrds.IsEmpty && file.Ramdisk is { } ramdisk ? [ramdisk] : domain.Initrds,
                CommandLine = domain.CommandLine ?? file.CommandLine,
            },

            // Another amount than the file's may be more than what it allows.
            MaximumMemory = request.MaximumMemory ?? (isMemoryGiven ? null : file.MaximumMemory),
            VCpus = IsGiven(parsed, _vcpus.Name) ? request.VCpus : file.VCpus ?? request.VCpus,
            Name = request.Name ?? file.Name,
            Handle = file.Handle ?? request.Handle,
            Devices = new DeviceRequest(
                request.Devices.Disks.IsEmpty ? file.Disks : request.Devices.Disks,
                request.Devices.Nics.IsEmpty ? file.Nics : request.Devices.Nics),
            Ends = request.Ends.Reboot == EndAction.None ? file.Ends : file.Ends with { Reboot = request.Ends.Reboot },
        };
    }

    private static bool IsGiven(ParseResult parsed, string name) => parsed.GetResult(name) is OptionResult { Implicit: false };
}
