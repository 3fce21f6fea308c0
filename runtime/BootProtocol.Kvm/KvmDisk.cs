using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kvm;

/// <summary>A disk of a machine: a file that holds its sectors, and nothing else.</summary>
/// <remarks>It is for one machine at a time. What a guest has written is sure to be in the file once the guest has asked for that, or it is closed.</remarks>
/// <example><code>
/// string file = Path.Combine(folder, "disk");
/// File.WriteAllBytes(file, new byte[1 &lt;&lt; 20]);
/// using var disk = KvmDisk.Open(file, isReadOnly: true);
/// Console.WriteLine($"{disk.Sectors} sectors");
/// </code></example>
public sealed class KvmDisk : IDisposable
{
    /// <summary>Bytes of a sector.</summary>
    public const int SectorSize = 512;

    private readonly SafeFileHandle _file;

    private KvmDisk(SafeFileHandle file, string name, bool isReadOnly)
    {
        (_file, Name, IsReadOnly) = (file, name, isReadOnly);
        Sectors = (ulong)RandomAccess.GetLength(file) / SectorSize;
    }

    /// <summary>What the guest sees as its serial number: the end of the file's name.</summary>
    public string Name { get; }

    /// <summary>Whether the guest cannot write it.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Its sectors, of <see cref="SectorSize"/> bytes; bytes behind the last whole one are not part of it.</summary>
    public ulong Sectors { get; }

    /// <summary>Opens a file as a disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isReadOnly">Whether it is not to be written.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="BootRequestException">It is shorter than a sector, or has no length, as a pipe.</exception>
    /// <exception cref="IOException">It cannot be opened, or somebody else writes it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static KvmDisk Open(string path, bool isReadOnly = false)
    {
        SafeFileHandle file = File.OpenHandle(
            path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, isReadOnly ? FileShare.Read : FileShare.None);
        try
        {
            var disk = new KvmDisk(file, Path.GetFileName(path), isReadOnly);
            return disk.Sectors > 0
                ? disk
                : throw new BootRequestException(BootErrorCode.NotAllowed, "disk", Path.GetFileName(path), null, "at least a sector", "fewer bytes");
        }
        catch (NotSupportedException)
        {
            file.Dispose();
            throw new BootRequestException(BootErrorCode.NotAllowed, "disk", Path.GetFileName(path), null, "a file with a length", "a pipe or the like");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Reads bytes, all of them.</summary>
    /// <exception cref="IOException">That is not possible.</exception>
    internal void Read(ulong offset, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = RandomAccess.Read(_file, bytes, (long)offset);
            if (count == 0)
                throw new EndOfStreamException();
            offset += (ulong)count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <exception cref="IOException">That is not possible.</exception>
    internal void Write(ulong offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_file, bytes, (long)offset);

    /// <summary>Makes what was written permanent.</summary>
    /// <exception cref="IOException">That is not possible.</exception>
    internal void Flush() => RandomAccess.FlushToDisk(_file);
}
