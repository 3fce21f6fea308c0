using System.Collections.Immutable;
using System.CommandLine;
using BootProtocol.Cli.Commands;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Cli.Building;

/// <summary>The argument and the options that describe a domain, as all commands take them that build one.</summary>
internal sealed class DomainOptions
{
    private const string None = "none";
    private const string Random = "random";
    private const string UsualMemory = "256M";
    private const ulong NoLoader = 0xff;
    private const ulong LastLoader = 0x10ff;

    private static readonly BootWay[] _linux = [BootWay.Linux64, BootWay.Linux32];
    private static readonly BootWay[] _linux64 = [BootWay.Linux64];
    private static readonly BootWay[] _xenPv = [BootWay.XenPv];
    private static readonly BootWay[] _notXenPv = [BootWay.Linux64, BootWay.Linux32, BootWay.Pvh];

    private readonly ImageSource _image = new();

    private readonly Option<string?> _boot = new("--boot")
    {
        Description = "The way to start it. By default: the first of these that the kernel can be started by.",
    };

    private readonly Option<string> _memory = new("--memory", "-m")
    {
        Description = "Memory of the guest: 256M, 3G, 0x10000000; digits alone are MiB.",
        HelpName = "SIZE",
        DefaultValueFactory = static _ => UsualMemory,
    };

    private readonly Option<string[]> _initrd = new("--initrd")
    {
        Description = "A file with an initial ramdisk; given several times, they are joined in that order. "
            + "By default: those of a unified kernel image, microcode first.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _commandLine = new("--cmdline")
    {
        Description = "The kernel's command line. By default: that of a unified kernel image, and none for others.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "The profile of a unified kernel image, by its number or ID. By default: its first.",
        HelpName = "NAME",
    };

    private readonly Option<string> _kaslr = new("--kaslr")
    {
        Description = "How much higher than linked the kernel runs: none (by default), random, or an offset such as 0x6000000.",
        HelpName = "none|random|OFFSET",
        DefaultValueFactory = static _ => None,
    };

    private readonly Option<int?> _seed = new("--seed")
    {
        Description = "Makes '--kaslr random' choose the same offset again.",
        HelpName = "N",
    };

    private readonly Option<string?> _kernelAddress = new("--kernel-at")
    {
        Description = "The physical address for the kernel, where it can be chosen.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string[]> _map = new("--e820")
    {
        Description = "The memory map: START-END for memory, START-END=TYPE "
            + $"({DomainValues.Names(E820TypeLayout.Info, DomainValues.MapPrefix)}), END being the address behind the last byte, "
            + "or a FILE with one of these on each line; may be given several times. "
            + "By default: that of a plain PC, for which the machine's own is taken when the guest starts.",
        HelpName = "RANGE|FILE",
    };

    private readonly Option<string?> _rsdp = new("--rsdp")
    {
        Description = "The address of the ACPI root pointer.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string?> _loader = new("--loader-type")
    {
        Description = "linux64, linux32: the boot loader's id and version (its last digit) in one number, as /proc/sys/kernel/bootloader_type "
            + "shows them. By default: 0xff, none with an id.",
        HelpName = "N",
    };

    private readonly Option<string[]> _setupData = new("--setup-data")
    {
        Description = "linux64, linux32: data for the kernel; the types are "
            + $"{DomainValues.Names(SetupDataTypeLayout.Info, "SETUP_")}, or numbers.",
        HelpName = "TYPE=FILE",
    };

    private readonly Option<bool> _fiveLevels = new("--five-levels")
    {
        Description = "linux64: page tables of five levels, for a processor that has them.",
    };

    private readonly Option<bool> _inGuest = new("--decompress-in-guest")
    {
        Description = "linux64, linux32: enter the bzImage's own code, which decompresses the kernel when it starts.",
    };

    private readonly Option<string?> _firstMfn = new("--first-mfn")
    {
        Description = "xen-pv: the machine frame of the guest's first page; the others follow.",
        HelpName = "N",
    };

    private readonly Option<bool> _withBootParams = new("--with-boot-params")
    {
        Description = "xen-pv: give the kernel boot_params, which lead to start_info.",
    };

    private readonly Option<int?> _bits = new("--bits")
    {
        Description = "With --sample: the sample guest's word size, 64 by default.",
    };

    /// <summary>Makes them.</summary>
    public DomainOptions()
    {
        _kaslr.CompletionSources.Add(None, Random);
        _bits.AcceptOnlyFromAmong("64", "32");
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _boot.AcceptOnlyFromAmong([.. BootWays.Names]);
        Add(
            command,
            [
                _boot, _memory, _initrd, _commandLine, _profile, _kaslr, _seed, _kernelAddress, _map, _rsdp, _loader, _setupData, _fiveLevels, _inGuest,
                _firstMfn, _withBootParams, _bits,
            ]);
    }

    /// <summary>Adds those to a command that mean something for a domain of a real Xen.</summary>
    public void AddXenTo(Command command)
    {
        string[] ways = [BootWays.Name(BootWay.XenPv), BootWays.Name(BootWay.Pvh)];
        _boot.Description = $"The way to start it: {ways[0]} (by default), or {ways[1]}, for which the processor needs nested page tables.";
        _boot.AcceptOnlyFromAmong(ways);
        Add(command, [_boot, _memory, _initrd, _commandLine, _profile, _withBootParams, _bits]);
    }

    /// <summary>Adds those to a command that mean something for a kernel that takes the running one's place.</summary>
    public void AddKexecTo(Command command) => Add(command, [_initrd, _commandLine, _profile, _kaslr, _seed, _inGuest]);

    /// <summary>Reads them; those that the command does not have are as if they were not given.</summary>
    /// <exception cref="ToolException">One is wrong, or two do not go together.</exception>
    public DomainRequest Read(ParseResult parsed)
    {
        string? image = _image.Read(parsed, out bool isSample);
        int? bits = parsed.GetValue(_bits);
        if (bits is not null && !isSample)
            throw new ToolException(ExitCode.Usage, "--bits is for the built-in sample guest: ask for it with --sample");
        string[] initrds = parsed.GetValue(_initrd) ?? [];
        ImmutableArray<(SetupDataType Type, string File)> setupData = [.. (parsed.GetValue(_setupData) ?? []).Select(DomainValues.SetupData)];
        string[] maps = parsed.GetValue(_map) ?? [];
        InputFile.RequireOneStandard([image, .. initrds, .. setupData.Select(static node => node.File), .. maps]);
        return new DomainRequest
        {
            Image = image,
            IsSample = isSample,
            SampleWord = bits == 32 ? WordSize.Bits32 : WordSize.Bits64,
            Way = BootWays.TryParse(parsed.GetValue(_boot), out BootWay way) ? way : null,
            Memory = DomainValues.Memory(parsed.GetValue(_memory) ?? UsualMemory),
            Initrds = [.. initrds],
            CommandLine = parsed.GetValue(_commandLine),
            Profile = parsed.GetValue(_profile),
            Kaslr = ReadKaslr(parsed),
            KernelAddress = parsed.GetValue(_kernelAddress) is { } start ? new Paddr(DomainValues.Address("--kernel-at", start)) : null,
            Map = DomainValues.Map(maps),
            Rsdp = parsed.GetValue(_rsdp) is { } rsdp ? new Paddr(DomainValues.Address("--rsdp", rsdp)) : default,
            Loader = parsed.GetValue(_loader) is { } loader ? ReadLoader(loader) : null,
            SetupData = setupData,
            FiveLevels = parsed.GetValue(_fiveLevels),
            DecompressInGuest = parsed.GetValue(_inGuest),
            FirstMfn = parsed.GetValue(_firstMfn) is { } mfn ? new Mfn(DomainValues.Number("--first-mfn", mfn)) : null,
            WithBootParams = parsed.GetValue(_withBootParams),
        };
    }

    /// <summary>Refuses options that mean nothing for the way in which the domain starts.</summary>
    /// <exception cref="ToolException">There is one.</exception>
    public static void Check(DomainRequest request, BootWay way)
    {
        (bool IsGiven, string Name, BootWay[] Ways)[] special =
        [
            (request.Loader is not null, "--loader-type", _linux),
            (!request.SetupData.IsEmpty, "--setup-data", _linux),
            (request.FiveLevels, "--five-levels", _linux64),
            (request.DecompressInGuest, "--decompress-in-guest", _linux),
            (request.Rsdp.Value != 0, "--rsdp", _notXenPv),
            (request.Map is not null, "--e820", _notXenPv),
            (request.KernelAddress is not null, "--kernel-at", _notXenPv),
            (request.FirstMfn is not null, "--first-mfn", _xenPv),
            (request.WithBootParams, "--with-boot-params", _xenPv),
            (request.IsForRestore, $"--format {DomainOutput.Xl}", _xenPv),
        ];
        foreach ((bool isGiven, string name, BootWay[] ways) in special)
        {
            if (isGiven && !ways.Contains(way))
            {
                string allowed = string.Join(" and ", ways.Select(BootWays.Name));
                throw new ToolException(ExitCode.Usage, $"{name} is for --boot {allowed}, and this is {BootWays.Name(way)}");
            }
        }
    }

    private void Add(Command command, Option[] options)
    {
        _image.AddTo(command);
        foreach (Option option in options)
            command.Add(option);
    }

    private Kaslr ReadKaslr(ParseResult parsed)
    {
        string text = parsed.GetValue(_kaslr) ?? None;
        int? seed = parsed.GetValue(_seed);
        if (seed is not null && text != Random)
            throw new ToolException(ExitCode.Usage, "--seed is for '--kaslr random'");
        return text switch
        {
            None => Kaslr.None,
            Random => Kaslr.Random(seed),
            _ => Kaslr.At(DomainValues.Address("--kaslr", text)),
        };
    }

    /// <summary>One number, as Linux shows it: the lowest four bits are the version, the others are the id.</summary>
    private static LinuxLoader? ReadLoader(string text)
    {
        ulong number = DomainValues.Number("--loader-type", text);
        if (number > LastLoader)
            throw new ToolException(ExitCode.Usage, $"--loader-type: expected at most 0x{LastLoader:x}, found '{text}'");
        return number == NoLoader ? null : new LinuxLoader((int)number >> 4, (int)number & 0xf);
    }
}
