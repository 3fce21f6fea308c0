using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests;

/// <summary>Images from Debian's packages, as tests/kernels.sh fetches them.</summary>
internal static class DebianKernels
{
    /// <summary>A bzImage of Linux 6.1, 64 bits, with an LZ4 payload.</summary>
    public static string Cloud61 => Find("6.1-cloud-amd64", "vmlinuz");

    /// <summary>A bzImage of Linux 6.12, 64 bits, with a zstd payload.</summary>
    public static string Amd64612 => Find("6.12-amd64", "vmlinuz");

    /// <summary>A bzImage of Linux 6.1, 32 bits, with an xz payload.</summary>
    public static string Pae61 => Find("6.1-686-pae", "vmlinuz");

    /// <summary>An ELF guest for Xen PV, 32 bits.</summary>
    public static string Grub32 => Find("grub-xen", "grub-i386-xen.bin");

    /// <summary>An ELF guest for Xen PV, 64 bits.</summary>
    public static string Grub64 => Find("grub-xen", "grub-x86_64-xen.bin");

    /// <summary>Xen itself: an ELF file of 32 bits, compressed by gzip.</summary>
    public static string Xen => Find("xen", "xen.gz");

    /// <summary>Kernels that tests can do without: other releases, other flavours, signed ones.</summary>
    public static IReadOnlyList<string> Others { get; } =
        ["bookworm-signed-amd64", "installer-amd64", "installer-i386", "trixie-amd64", "trixie-rt-amd64", "sid-amd64", "sid-cloud-amd64"];

    /// <summary>The names of the bzImages, for theories. What is newer than these tests is tried by a test of its own.</summary>
    public static TheoryData<string> BzImages => ["6.1-cloud-amd64", "6.12-amd64", "6.1-686-pae", .. Others.Where(name => !Fetched.IsNewer(name))];

    /// <summary>Whether a kernel is one that Debian signed for UEFI.</summary>
    public static bool IsSigned(string name) => name is not ("6.1-cloud-amd64" or "6.12-amd64" or "6.1-686-pae");

    /// <summary>Whether a kernel has a checksum and a list of inverse relocations: neither is there from Linux 6.15 on.</summary>
    public static bool IsBefore615(string name) => !name.StartsWith("sid-", StringComparison.Ordinal);

    /// <summary>A file of a package. One that was not fetched skips the test if the reason is known, and else says how to fetch it.</summary>
    public static string Find(string package, string file) => Fetched.Find("kernels", package, file);
}
