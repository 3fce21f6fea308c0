using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>A kernel of Debian's with an initial ramdisk that reports, as files, for as long as a test takes.</summary>
internal sealed class GuestDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Writes the ramdisk.</summary>
    /// <param name="kernel">The kernel's name in the cache.</param>
    /// <param name="dataSize">Bytes of random data in it.</param>
    public GuestDisk(string kernel, int dataSize = 100_003)
    {
        Word = kernel.Contains("86", StringComparison.Ordinal) ? WordSize.Bits32 : WordSize.Bits64;
        Kernel = Fetched.Find("kernels", kernel, "vmlinuz");
        byte[] data = new byte[dataSize];
        new Random(dataSize).NextBytes(data);
        Sum = UserSpace.SumOf(Word, data);
        byte[] archive = UserSpace.Archive(Word, data);
        InitrdLength = archive.Length;
        Initrd = Put("initrd", archive);
    }

    public WordSize Word { get; }

    /// <summary>The kernel's image.</summary>
    public string Kernel { get; }

    /// <summary>The initial ramdisk.</summary>
    public string Initrd { get; }

    /// <summary>Its size, in bytes.</summary>
    public int InitrdLength { get; }

    /// <summary>What the guest will say about its data.</summary>
    public string Sum { get; }

    /// <summary>The address for which the kernel's first byte was linked.</summary>
    public ulong LinkedText => Word == WordSize.Bits64 ? 0xffffffff81000000 : 0xc1000000;

    /// <summary>A place for a file.</summary>
    public string Place(string name) => _folder.File(name);

    /// <summary>Writes a file.</summary>
    public string Put(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }

    public void Dispose() => _folder.Dispose();
}
