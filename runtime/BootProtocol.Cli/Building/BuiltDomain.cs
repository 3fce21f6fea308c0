using BootProtocol.Build;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Running;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;

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
        ? (pv.SharedInfoFrame.Value * GuestMemory.PageSize) + FirmwareMemory
        : Request.Memory;

    /// <summary>Builds it, and shows how far that is if it takes long.</summary>
    /// <exception cref="ToolException">It is not possible.</exception>
    public static BuiltDomain Build(DomainRequest request, ToolConsole console)
    {
        using var files = new InputFiles();
        Domain domain = ReadKernel(request, console, out string name, (image, kernel) =>
        {
            string way = request.Way ?? DomainFactory.ChooseWay(image, kernel);
            DomainOptions.Check(request, way);
            if (request.IsStartedHere && way == BootWays.XenPv)
                HypercallNeed.Check(kernel);
            return DomainFactory.Build(kernel, way, request, files);
        });
        return new BuiltDomain(name, request, domain);
    }

    /// <summary>Opens the image that a domain is to be built of, and does something with its kernel, showing how far it is decoded.</summary>
    /// <param name="request">The domain.</param>
    /// <param name="console">Where progress is shown.</param>
    /// <param name="name">The image's name for people.</param>
    /// <param name="use">What to do.</param>
    /// <param name="interruption">Ends the decoding.</param>
    /// <exception cref="ToolException">The image cannot be read, or is none, or is broken.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static T ReadKernel<T>(
        DomainRequest request, ToolConsole console, out string name, Func<BootImage, Kernel, T> use, CancellationToken interruption = default)
    {
        using OpenedImage opened = request.Image is null ? OpenedImage.OpenSample(request.SampleWord) : OpenedImage.Open(request.Image);
        name = opened.Name;
        return opened.Read(image =>
        {
            image.EnsureComplete();
            KernelPayload payload = image.FindPayload()
                ?? throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no kernel");
            using var bar = new ProgressBar(console);
            using Kernel kernel = payload.Decompress(progress: bar, cancellation: interruption);
            bar.Total = kernel.Length;
            return use(image, kernel);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => Domain.Dispose();
}
