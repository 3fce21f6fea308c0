using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Sample;
using BootProtocol.Verify;
using BootProtocol.Xen;

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

    /// <summary>An image: <c>sample-32</c>, <c>sample-64</c>, or one of Debian's.</summary>
    public static byte[] Image(string name) => name switch
    {
        "sample-32" => SampleGuest.Create(WordSize.Bits32),
        "sample-64" => SampleGuest.Create(WordSize.Bits64),
        _ => File.ReadAllBytes(DecodedKernels.Image(name)),
    };

    /// <summary>The start_info of a domain.</summary>
    public static StartInfo StartInfoOf(XenPvDomain domain)
    {
        int size = domain.Placement.Word == WordSize.Bits32 ? StartInfo.Layout.Size32 : StartInfo.Layout.Size64;
        return StartInfo.Parse(domain.Memory.Slice(domain.StartInfoFrame.ToPaddr(), size).Span, domain.Placement.Word);
    }

    /// <summary>What rsi or esi points at.</summary>
    public static ulong Pointer(XenPvDomain domain)
    {
        CpuUserRegs registers = VcpuGuestContext.Parse(domain.VcpuContext.Span, domain.Placement.Word).UserRegs;
        return registers.Rsi ?? registers.Esi ?? 0;
    }

    /// <summary>The rules that a domain breaks.</summary>
    public static ImmutableArray<Violation> Verify(XenPvDomain domain) => XenPvVerifier.Verify(XenPvImage.Of(domain));
}
