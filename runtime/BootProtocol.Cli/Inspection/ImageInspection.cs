using BootProtocol.Images;

namespace BootProtocol.Cli.Inspection;

/// <summary>What there is to show about an image.</summary>
/// <param name="Opened">The image.</param>
/// <param name="Kernel">What its kernel says; null if nobody looked at it.</param>
/// <param name="Faults">What is broken.</param>
internal sealed record ImageInspection(OpenedImage Opened, KernelFacts? Kernel, FaultList Faults)
{
    /// <summary>The image.</summary>
    public BootImage Image => Opened.Image;
}
