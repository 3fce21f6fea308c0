using System.Globalization;
using System.Text;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>An archive in the format that Linux unpacks as its initial ramdisk: newc of cpio.</summary>
/// <remarks>Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.</remarks>
internal sealed class CpioArchive
{
    private const int Executable = 0x81ed;

    private readonly List<byte> _bytes = [];
    private int _files;

    /// <summary>Adds a program.</summary>
    public CpioArchive File(string name, ReadOnlySpan<byte> bytes) => Add(name, Executable, bytes);

    /// <summary>The archive, with its end.</summary>
    public byte[] Finish()
    {
        Add("TRAILER!!!", 0, []);
        return [.. _bytes];
    }

    private CpioArchive Add(string name, int mode, ReadOnlySpan<byte> bytes)
    {
        // inode, mode, user, group, links, time, size, device and its node's (two numbers each), length of the name, checksum
        int[] numbers = [++_files, mode, 0, 0, 1, 0, bytes.Length, 0, 0, 0, 0, name.Length + 1, 0];
        _bytes.AddRange("070701"u8);
        foreach (int number in numbers)
            _bytes.AddRange(Encoding.ASCII.GetBytes(number.ToString("x8", CultureInfo.InvariantCulture)));
        _bytes.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
        Pad();
        _bytes.AddRange(bytes);
        Pad();
        return this;
    }

    private void Pad()
    {
        while (_bytes.Count % 4 != 0)
            _bytes.Add(0);
    }
}
