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

    /// <summary>The names of the bzImages, for theories.</summary>
    public static TheoryData<string> BzImages => ["6.1-cloud-amd64", "6.12-amd64", "6.1-686-pae"];

    /// <summary>A file of a package. One that was not fetched is a failure that says how to fetch it.</summary>
    public static string Find(string package, string file)
    {
        string path = Repository.File("tests", ".cache", "kernels", package, file);
        Assert.True(File.Exists(path), $"{package}/{file} is not there: run tests/kernels.sh");
        return path;
    }

    /// <summary>A kernel's image; of those that come from Debian's unstable release, a test that cannot have it is skipped.</summary>
    public static string FindNewest(string package)
    {
        string path = Repository.File("tests", ".cache", "kernels", package, "vmlinuz");
        bool isOfUnstable = package.StartsWith("sid-", StringComparison.Ordinal);
        if (isOfUnstable && !File.Exists(path))
        {
            Console.WriteLine($"skipped: {package} could not be fetched when tests/kernels.sh ran");
            Assert.Skip($"{package} is not there: tests/kernels.sh fetches it where Debian's unstable release can be reached");
        }

        return Find(package, "vmlinuz");
    }
}
