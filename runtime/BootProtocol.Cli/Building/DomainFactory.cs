using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Rules;

namespace BootProtocol.Cli.Building;

/// <summary>Hands a person's wishes to the library's builders.</summary>
internal static class DomainFactory
{
    /// <summary>At 4 MiB: above what firmware uses, and with room below for the stub that plays the hypervisor.</summary>
    private static readonly Mfn _firstOfMachine = new(0x400);

    /// <summary>The way in which a kernel is started if nobody says: the first one that it can be started by.</summary>
    /// <exception cref="BootException">There is none, or the kernel is broken.</exception>
    public static BootWay ChooseWay(BootImage image, Kernel kernel)
    {
        // A bzImage says it by its kernel's word size alone; its notes stand behind half of what there is to decode.
        if (image.HasSetupHeader && kernel.IsElf)
            return kernel.Elf.Word == WordSize.Bits64 ? BootWay.Linux64 : BootWay.Linux32;
        ImmutableArray<BootWayCheck> ways = kernel.BootWays;
        return ways.FirstOrDefault(static way => way.Possible)?.Way ?? throw new BootRequestException(
            BootErrorCode.NotPossible,
            "kernel",
            "",
            null,
            "one that can be started",
            string.Join("; ", ways.Select(static way => $"{way.Name}: {way.Reason}")));
    }

    /// <summary>Builds the domain.</summary>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="way">The way to start it.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="files">Where files are opened.</param>
    /// <exception cref="BootException">That is not possible.</exception>
    /// <exception cref="ToolException">A file cannot be read.</exception>
    public static Domain Build(Kernel kernel, BootWay way, DomainRequest request, InputFiles files) => way switch
    {
        BootWay.Linux64 or BootWay.Linux32 => BuildLinux(kernel, way, request, files),
        BootWay.Pvh => BuildPvh(kernel, request, files),
        _ => BuildXenPv(kernel, request, files),
    };

    private static LinuxDomain BuildLinux(Kernel kernel, BootWay way, DomainRequest request, InputFiles files) => new LinuxBootBuilder
    {
        Mode = way == BootWay.Linux64 ? WordSize.Bits64 : WordSize.Bits32,
        MemorySize = request.Memory,
        CommandLine = request.CommandLine ?? "",
        Initrds = files.OpenInitrds(request),
        Kaslr = request.Kaslr,
        KernelAddress = request.KernelAddress,
        Map = request.Map,
        AcpiRsdp = request.Rsdp,
        Target = request.Target,
        Loader = request.Loader,
        SetupData = [.. request.SetupData.Select(node => Node(node.Type, files.Open(node.File)))],
        FiveLevels = request.FiveLevels,
        DecompressInGuest = request.DecompressInGuest,
    }.Build(kernel);

    private static PvhDomain BuildPvh(Kernel kernel, DomainRequest request, InputFiles files) => new PvhBuilder
    {
        MemorySize = request.Memory,
        CommandLine = request.CommandLine ?? "",
        Initrds = files.OpenInitrds(request),
        Kaslr = request.Kaslr,
        KernelAddress = request.KernelAddress,
        Map = request.Map,
        AcpiRsdp = request.Rsdp,
        Target = request.Target,
    }.Build(kernel);

    private static XenPvDomain BuildXenPv(Kernel kernel, DomainRequest request, InputFiles files) => new XenPvBuilder
    {
        MemorySize = request.Memory,
        CommandLine = request.CommandLine ?? "",
        Initrds = files.OpenInitrds(request),
        Kaslr = request.Kaslr,
        Frames = new ContiguousFrames(request.FirstMfn ?? (request.IsForMachine ? _firstOfMachine : XenPvBuilder.DefaultFirstFrame)),
        WithBootParams = request.WithBootParams,
        MapInitrd = request.IsForRestore,
    }.Build(kernel);

    /// <summary>A node whose file holds the data, or what the data point at where that is all there is to them.</summary>
    private static SetupDataNode Node(SetupDataType type, ReadOnlyMemory<byte> bytes) => type switch
    {
        SetupDataType.CcBlob => SetupDataNode.CcBlob(bytes),
        SetupDataType.Ima => SetupDataNode.Ima(bytes),
        _ => new SetupDataNode(type, bytes),
    };
}
