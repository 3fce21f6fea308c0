using System.Globalization;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Running;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kvm;
using BootProtocol.Memory;
using BootProtocol.Rules;

namespace BootProtocol.Cli.Building;

/// <summary>A domain that was built as a person wanted it.</summary>
internal sealed class BuiltDomain : IDisposable
{
    private const ulong FirmwareMemory = 2 << 20;

    private BuiltDomain(string imageName, DomainRequest request, Domain domain)
    {
        ImageName = imageName;
        Request = request;
        Domain = domain;
    }

    /// <summary>The name of the kernel's image.</summary>
    public string ImageName { get; }

    /// <summary>What was wanted.</summary>
    public DomainRequest Request { get; }

    /// <summary>The domain.</summary>
    public Domain Domain { get; }

    /// <summary>
    /// Bytes of memory that a machine needs to start it: for Xen PV up to the guest's last machine frame, and some for the firmware.
    /// </summary>
    public ulong MachineMemory => Domain is XenPvDomain pv
        ? (pv.SharedInfoFrame.Value * X86Page.Size) + FirmwareMemory
        : Request.Memory;

    /// <summary>Whether this tool can run it itself.</summary>
    public bool IsForVmm => Domain.Memory is KvmMemory;

    /// <summary>Builds it, and shows how far that is if it takes long.</summary>
    /// <exception cref="ToolException">It is not possible.</exception>
    public static BuiltDomain Build(DomainRequest wanted, ToolConsole console)
    {
        using var files = new InputFiles();
        (DomainRequest request, Domain domain) = ReadKernel(wanted, console, out string name, (resolved, image, kernel) =>
        {
            BootWay way = resolved.Way ?? DomainFactory.ChooseWay(image, kernel);
            DomainOptions.Check(resolved, way);
            if (resolved.IsStartedHere && way == BootWay.XenPv)
                HypercallNeed.Check(kernel);
            if (resolved.IsForVmm && way != BootWay.XenPv)
                resolved = ForVmm(resolved);
            return (resolved, DomainFactory.Build(kernel, way, resolved, files));
        });
        return new BuiltDomain(name, request, domain);
    }

    /// <summary>Opens the image that a domain is to be built of, and does something with its kernel, showing how far it is decoded.</summary>
    /// <param name="request">The domain.</param>
    /// <param name="console">Where progress is shown.</param>
    /// <param name="name">The image's name for people.</param>
    /// <param name="use">What to do; it gets the request with what the image itself says, too.</param>
    /// <param name="interruption">Ends the decoding.</param>
    /// <exception cref="ToolException">The image cannot be read, or is none, or is broken.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static T ReadKernel<T>(
        DomainRequest request,
        ToolConsole console,
        out string name,
        Func<DomainRequest, BootImage, Kernel, T> use,
        CancellationToken interruption = default)
    {
        using OpenedImage opened = request.IsSample ? OpenedImage.OpenSample(request.SampleWord) : OpenedImage.Open(request.Image);
        name = opened.Name;
        return opened.Read(_ =>
        {
            opened.UnwrapWhole();
            UnifiedKernelProfile? profile = ChooseProfile(opened, request.Profile);
            using BootImage? other = profile is { Index: > 0 } ? BootImage.Open(profile.Kernel) : null;
            BootImage image = other ?? opened.Image;
            using var bar = new ProgressBar(console);
            using Kernel kernel = image.Decompress(progress: bar, cancellation: interruption);
            bar.Total = kernel.Length;
            DomainRequest resolved = request with
            {
                UnifiedKernel = profile,
                CommandLine = request.CommandLine ?? profile?.CommandLine,
            };
            return use(resolved, image, kernel);
        });
    }

    /// <summary>Has it built where it will run, and find the machine's tables.</summary>
    private static DomainRequest ForVmm(DomainRequest request) => request with
    {
        Target = KvmMemory.Allocate(request.Map ?? MemoryMap.ForPc(request.Memory)),
        Rsdp = request.Rsdp.Value == 0 ? KvmMachine.AcpiRsdp : request.Rsdp,
    };

    /// <summary>The profile of a unified kernel image that is wanted; null if the image is none.</summary>
    /// <exception cref="ToolException">It has no such profile, or is no unified kernel image.</exception>
    public static UnifiedKernelProfile? ChooseProfile(OpenedImage opened, string? name)
    {
        if (opened.UnifiedKernel is not { } unified)
        {
            return name is null
                ? null
                : throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it is no unified kernel image, which --profile is for");
        }

        if (name is null)
            return unified.Profiles[0];
        return unified.FindProfile(name) ?? throw new ToolException(
            ExitCode.BadInput,
            $"{opened.Name}: it has no profile '{name}', but {string.Join(", ", unified.Profiles.Select(static profile => profile.Id is { } id
                ? string.Create(CultureInfo.InvariantCulture, $"{profile.Index} ({id})")
                : string.Create(CultureInfo.InvariantCulture, $"{profile.Index}")))}");
    }

    /// <inheritdoc/>
    public void Dispose() => Domain.Dispose();
}
