namespace BootProtocol.Images;

/// <summary>A file's bytes where they are: mapped, so that an initial ramdisk is not copied before it goes into a guest.</summary>
/// <remarks>What has no length beforehand (a pipe, a device) is read. The file must not be shortened while it is mapped.</remarks>
public sealed class MappedFile : IDisposable
{
    private readonly IDisposable? _owner;

    private MappedFile(ReadOnlyMemory<byte> memory, IDisposable? owner)
    {
        Memory = memory;
        _owner = owner;
    }

    /// <summary>All bytes; valid until disposal.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BootFormatException">It has 2 GiB or more; if it cannot be mapped, more than 1 GiB.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static MappedFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        (ReadOnlyMemory<byte> bytes, IDisposable? owner) = ImageBytes.FromFile(path, mustBeImage: false);
        return new MappedFile(bytes, owner);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <exception cref="BootFormatException">It has more than 1 GiB.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static MappedFile Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new MappedFile(ImageBytes.FromStream(stream, mustBeImage: false), null);
    }

    /// <inheritdoc/>
    public void Dispose() => _owner?.Dispose();
}
