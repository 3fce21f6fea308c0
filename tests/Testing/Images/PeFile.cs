using System.Buffers.Binary;
using System.Text;
using BootProtocol.Pe;

namespace BootProtocol.Testing;

/// <summary>Puts sections behind an EFI program, as the tools that make unified kernel images do.</summary>
internal static class PeFile
{
    private const int FileAlignment = 512;

    /// <summary>An EFI program with nothing in it but room for section headers: what a stub is to who reads its sections.</summary>
    public static byte[] Stub()
    {
        byte[] file = new byte[0x1000];
        MzHeader.Writer dos = MzHeader.Create(file);
        dos.Peaddr = 0x80;
        PeHeader.Writer pe = PeHeader.Create(file.AsSpan(0x80));
        pe.Machine = PeMachine.Amd64;
        pe.OptHdrSize = (ushort)(Pe32PlusOptionalHeader.Layout.Size + (16 * DataDirectoryEntry.Layout.Size));
        Pe32PlusOptionalHeader.Writer optional = Pe32PlusOptionalHeader.Create(file.AsSpan(0x80 + PeHeader.Layout.Size));
        optional.SectionAlign = 0x1000;
        optional.FileAlign = FileAlignment;
        optional.HeaderSize = 0x1000;
        optional.DataDirs = 16;
        optional.Subsys = PeSubsystem.EfiApplication;
        return file;
    }

    /// <summary>Adds sections.</summary>
    /// <param name="stub">A PE32+ file with room behind its section headers.</param>
    /// <param name="sections">Names and contents, in order.</param>
    public static byte[] Add(byte[] stub, params (string Name, byte[] Bytes)[] sections)
    {
        var file = new List<byte>(stub);
        file.AddRange(new byte[-file.Count & (FileAlignment - 1)]);
        byte[] head = [.. stub];
        int pe = (int)BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(0x3c));
        int optional = pe + PeHeader.Layout.Size;
        int table = optional + BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(pe + 20));
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(pe + 6));
        uint address = 0x1000;
        for (int i = 0; i < count; i++)
        {
            SectionHeader known = SectionHeader.Parse(head.AsSpan(table + (i * SectionHeader.Layout.Size)));
            address = Math.Max(address, Up(known.VirtualAddress + Math.Max(known.VirtualSize, known.RawDataSize)));
        }

        foreach ((string name, byte[] bytes) in sections)
        {
            Span<byte> place = head.AsSpan(table + (count++ * SectionHeader.Layout.Size), SectionHeader.Layout.Size);
            Assert.False(place.ContainsAnyExcept((byte)0), "the stub has no room for another section header");
            SectionHeader.Writer header = SectionHeader.Create(place);
            Encoding.ASCII.GetBytes(name, place[..8]);
            header.VirtualSize = (uint)bytes.Length;
            header.VirtualAddress = address;
            header.RawDataSize = (uint)((bytes.Length + FileAlignment - 1) & -FileAlignment);
            header.DataAddr = (uint)file.Count;
            header.Flags = PeSectionFlags.InitializedData | PeSectionFlags.Read;
            address = Up(address + (uint)bytes.Length);
            file.AddRange(bytes);
            file.AddRange(new byte[-file.Count & (FileAlignment - 1)]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(pe + 6), count);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(optional + Pe32PlusOptionalHeader.Layout.Offset.ImageSize), address);
        byte[] result = [.. file];
        head.CopyTo(result, 0);
        return result;
    }

    /// <summary>The file offset of a section's header.</summary>
    public static int HeaderOf(byte[] file, string name)
    {
        int pe = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(0x3c));
        int at = pe + PeHeader.Layout.Size + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(pe + 20));
        for (int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(pe + 6)); count > 0; count--, at += SectionHeader.Layout.Size)
        {
            if (Encoding.ASCII.GetString(file, at, 8).TrimEnd('\0') == name)
                return at;
        }

        throw new ArgumentException($"no section {name}", nameof(name));
    }

    private static uint Up(uint address) => (address + 0xfff) & ~0xfffu;
}
