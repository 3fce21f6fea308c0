using BootProtocol.Pe;

namespace BootProtocol.Repack;

/// <summary>A section of an EFI program on its way to another file.</summary>
internal sealed class PeSectionPlan
{
    /// <summary>The longest name, in bytes.</summary>
    public const int MaximumName = 8;

    /// <summary>Takes a section as it is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="header">Its header.</param>
    /// <param name="contents">Its bytes in the file.</param>
    public PeSectionPlan(string name, SectionHeader header, ReadOnlyMemory<byte> contents)
    {
        Name = name;
        Contents = contents;
        OldOffset = header.DataAddr;
        OldLength = header.RawDataSize;
        Address = header.VirtualAddress;
        // Loaders take the size in the file where the header has none in memory.
        MemorySize = Math.Max(header.VirtualSize == 0 ? header.RawDataSize : header.VirtualSize, 1);
        VirtualSize = header.VirtualSize;
        Header = header.AsSpan()[..SectionHeader.Layout.Size].ToArray();
    }

    /// <summary>Makes a section that is not there yet.</summary>
    public PeSectionPlan(string name, ReadOnlyMemory<byte> contents)
    {
        Name = name;
        Header = new byte[SectionHeader.Layout.Size];
        System.Text.Encoding.ASCII.GetBytes(name, Header.AsSpan(0, MaximumName));
        SectionHeader.Edit(Header).Flags = PeSectionFlags.InitializedData | PeSectionFlags.Read;
        Replace(contents, (uint)contents.Length);
    }

    public string Name { get; }

    /// <summary>The section header, whose sizes and places are written last.</summary>
    public byte[] Header { get; }

    /// <summary>What goes into the file, without padding.</summary>
    public ReadOnlyMemory<byte> Contents { get; private set; }

    /// <summary>Where it was in the file; null if it was not there.</summary>
    public long? OldOffset { get; }

    /// <summary>Bytes that it took there.</summary>
    public long OldLength { get; }

    /// <summary>Where it goes in the file.</summary>
    public long Offset { get; set; }

    /// <summary>Its address; 0 for one that has none yet.</summary>
    public long Address { get; set; }

    /// <summary>Bytes that it takes in memory, at least 1.</summary>
    public long MemorySize { get; private set; }

    /// <summary>Bytes of it in memory, as its header says.</summary>
    public long VirtualSize { get; private set; }

    /// <summary>Whether it has other contents than before.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Gives it other contents.</summary>
    /// <param name="contents">The contents.</param>
    /// <param name="virtualSize">Bytes in memory: as many, or more.</param>
    public void Replace(ReadOnlyMemory<byte> contents, uint virtualSize)
    {
        Contents = contents;
        VirtualSize = virtualSize;
        MemorySize = Math.Max(virtualSize, 1);
        IsChanged = true;
    }

    /// <summary>Writes sizes and places into the header.</summary>
    /// <param name="length">Bytes in the file, with the padding.</param>
    public void WriteHeader(long length)
    {
        SectionHeader.Writer header = SectionHeader.Edit(Header);
        header.VirtualSize = (uint)VirtualSize;
        header.VirtualAddress = (uint)Address;
        header.RawDataSize = (uint)length;
        header.DataAddr = (uint)Offset;
    }
}
