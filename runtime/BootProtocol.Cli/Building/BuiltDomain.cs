using BootProtocol.Build;
using BootProtocol.Cli.Inspection;
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
        using OpenedImage opened = OpenImage(request);
        using var files = new InputFiles();
        Domain domain = opened.Read(image =>
        {
            image.EnsureComplete();
            KernelPayload payload = image.FindPayload()
                ?? throw new ToolException(ExitCode.BadInput, $"{opened.Name}: it has no kernel");
            using var bar = new ProgressBar(console);
            using Kernel kernel = payload.Decompress(progress: bar);
            bar.Total = kernel.Length;
            string way = request.Way ?? DomainFactory.ChooseWay(image, kernel);
            DomainOptions.Check(request, way);
            return DomainFactory.Build(kernel, way, request, files);
        });
        return new BuiltDomain(opened.Name, request, domain);
    }

    /// <summary>Opens the image that a domain is built of.</summary>
    /// <exception cref="ToolException">It cannot be read, or is none.</exception>
    public static OpenedImage OpenImage(DomainRequest request) =>
        request.Image is null ? OpenedImage.OpenSample(request.SampleWord) : OpenedImage.Open(request.Image);

    /// <inheritdoc/>
    public void Dispose() => Domain.Dispose();
}
