using System.IO.Hashing;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Sample;

/// <summary>The files that a boot of the sample guest needs, for as long as a test takes.</summary>
internal sealed class GuestFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>An initrd with bytes of no meaning.</summary>
    /// <param name="size">Its size, in bytes.</param>
    /// <param name="checksum">Its CRC-32.</param>
    public string Initrd(int size, out uint checksum)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        checksum = Crc32.HashToUInt32(bytes);
        return Put("initrd", bytes);
    }

    /// <summary>The kernel, as an ELF file.</summary>
    public string Elf(WordSize word) => Put("guest.elf", SampleKernel.Link(word).Elf.Span);

    /// <summary>The bzImage.</summary>
    public string Image(WordSize word) => Put("bzImage", SampleGuest.Create(word));

    public string Put(string name, ReadOnlySpan<byte> bytes)
    {
        string path = _folder.File(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => _folder.Dispose();
}
