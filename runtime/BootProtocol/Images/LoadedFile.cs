using BootProtocol.Allocation;

namespace BootProtocol.Images;

/// <summary>A file's bytes, read whole: an initial ramdisk, until it is copied into a guest.</summary>
/// <remarks>What happens to the file after it was opened changes nothing. Any thread may dispose it.</remarks>
/// <example><code>
/// string file = Path.Combine(folder, "initrd");
/// File.WriteAllBytes(file, new byte[4096]);
/// using LoadedFile initrd = LoadedFile.Open(file);
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Initrds = [initrd.Memory] }.Build(kernel);
/// Console.WriteLine(guest.BootParams.Hdr.RamdiskSize);
/// </code></example>
public sealed class LoadedFile : IDisposable
{
    private readonly OwnedMemory _owner;
    private readonly ReadOnlyMemory<byte> _bytes;
    private bool _isDisposed;

    private LoadedFile(ReadOnlyMemory<byte> bytes, OwnedMemory owner)
    {
        _bytes = bytes;
        _owner = owner;
    }

    /// <summary>All bytes. After disposal they throw <see cref="ObjectDisposedException"/> wherever they were kept.</summary>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _bytes;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BootFormatException">It has 2 GiB or more; if it has no length beforehand (a pipe, a device), more than 1 GiB.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static LoadedFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        (ReadOnlyMemory<byte> bytes, OwnedMemory owner) = ImageBytes.FromFile(path, mustBeImage: false);
        return new LoadedFile(bytes, owner);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <exception cref="BootFormatException">It has more than 1 GiB.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LoadedFile Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (ReadOnlyMemory<byte> bytes, OwnedMemory owner) = ImageBytes.FromStream(stream, mustBeImage: false);
        return new LoadedFile(bytes, owner);
    }

    /// <summary>Gives the memory up.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _owner.Close();
    }
}
