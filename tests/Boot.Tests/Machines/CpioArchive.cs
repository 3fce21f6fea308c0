using System.Buffers;
using System.Globalization;
using System.Text;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>Writes an initramfs: a cpio archive of the form <c>newc</c>.</summary>
/// <remarks>Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.</remarks>
internal sealed class CpioArchive
{
    private const int Alignment = 4;
    private const int FolderMode = 0x41ed;
    private const int FileMode = 0x81ed;
    private const int LinkMode = 0xa1ff;

    private readonly ArrayBufferWriter<byte> _archive = new();
    private int _lastInode;

    /// <summary>Adds a folder.</summary>
    public void AddFolder(string name) => Add(name, FolderMode, []);

    /// <summary>Adds a file that may be executed.</summary>
    public void AddFile(string name, ReadOnlySpan<byte> contents) => Add(name, FileMode, contents);

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string name, string target) => Add(name, LinkMode, Encoding.UTF8.GetBytes(target));

    /// <summary>The archive, ended.</summary>
    public byte[] ToArray()
    {
        Add("TRAILER!!!", 0, []);
        return _archive.WrittenSpan.ToArray();
    }

    private void Add(string name, int mode, ReadOnlySpan<byte> contents)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name + "\0");
        int[] numbers = [++_lastInode, mode, 0, 0, 1, 0, contents.Length, 0, 0, 0, 0, nameBytes.Length, 0];
        var head = new StringBuilder("070701");
        foreach (int number in numbers)
            head.Append(number.ToString("x8", CultureInfo.InvariantCulture));
        _archive.Write(Encoding.ASCII.GetBytes(head.ToString()));
        _archive.Write(nameBytes);
        Align();
        _archive.Write(contents);
        Align();
    }

    private void Align()
    {
        while (_archive.WrittenCount % Alignment != 0)
            _archive.Write([(byte)0]);
    }
}
