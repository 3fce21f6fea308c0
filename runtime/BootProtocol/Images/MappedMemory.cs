using System.IO.MemoryMappedFiles;
using BootProtocol.Memory;

namespace BootProtocol.Images;

/// <summary>A file mapped into memory, for reading.</summary>
internal sealed unsafe class MappedMemory : UnmanagedMemory
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Maps the beginning of a file and takes the stream over.</summary>
    /// <param name="stream">The file; it is closed on disposal.</param>
    /// <param name="length">Bytes to map: at least 1, and no more than the file has.</param>
    public MappedMemory(FileStream stream, int length)
        : base(length)
    {
        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Start = start + _view.PointerOffset;
        }
        catch
        {
            _view?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || Start is null)
            return;
        Start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
