using System.Collections.Immutable;
using BootProtocol.Build;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Verify;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>Builds PV domains, and has them read back.</summary>
internal static class PvDomains
{
    /// <summary>Builds a domain of a kernel that is an ELF file or a bzImage.</summary>
    public static XenPvDomain Build(byte[] image, XenPvBuilder builder)
    {
        using BootImage opened = BootImage.Open(image);
        using Kernel kernel = opened.Decompress();
        return builder.Build(kernel);
    }

    /// <summary>The rules that a domain breaks.</summary>
    public static ImmutableArray<Violation> Verify(XenPvDomain domain) => XenPvVerifier.Verify(new XenPvImage
    {
        Word = domain.Kernel.Word,
        Memory = domain.Memory,
        FrameCount = domain.FrameCount,
        Frames = domain.Frames,
        Context = domain.VcpuContext,
        SharedInfo = domain.SharedFrames,
    });
}
