using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Sample;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>Builds guests of the Linux boot protocols from kernels of Debian's and from the sample guest.</summary>
internal static class LinuxGuest
{
    public const ulong MiB = 1 << 20;

    public static LinuxDomain Build(string name, LinuxBootBuilder builder) =>
        Build(File.ReadAllBytes(DebianKernels.Find(name, "vmlinuz")), builder);

    public static LinuxDomain BuildSample(WordSize word, LinuxBootBuilder builder, Action<byte[]>? change = null)
    {
        byte[] image = SampleGuest.Create(word);
        change?.Invoke(image);
        return Build(image, builder);
    }

    public static LinuxDomain Build(byte[] bytes, LinuxBootBuilder builder)
    {
        using BootImage image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        return builder.Build(kernel);
    }

    /// <summary>The one error that comes of it, as a person reads it.</summary>
    public static string Refuse(Func<LinuxDomain> build)
    {
        BootException error = Assert.ThrowsAny<BootException>(() => build().Dispose());
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }
}
