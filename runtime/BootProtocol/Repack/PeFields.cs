using System.Buffers.Binary;
using BootProtocol.Images;
using BootProtocol.Pe;

namespace BootProtocol.Repack;

/// <summary>Writes the fields of PE headers that are about the file as a whole.</summary>
internal static class PeFields
{
    /// <summary>Takes the checksum away.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool ClearChecksum(Span<byte> file)
    {
        if (!PeView.TryFind(file, out PeView pe) || pe.ChecksumOffset + sizeof(uint) > file.Length)
            return false;
        Span<byte> place = file.Slice((int)pe.ChecksumOffset, sizeof(uint));
        bool isThere = place.ContainsAnyExcept((byte)0);
        place.Clear();
        return isThere;
    }

    /// <summary>Computes the checksum, whose field has to be zero, and writes it.</summary>
    public static void SetChecksum(Span<byte> file)
    {
        if (!PeView.TryFind(file, out PeView pe))
            return;
        var sum = new PeChecksum();
        sum.Add(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file[(int)pe.ChecksumOffset..], sum.Finish());
    }

    /// <summary>The entry of the data directory for certificates says that there are none.</summary>
    public static void ClearCertificates(Span<byte> file)
    {
        const int Index = (int)DataDirectoryIndex.Certs;
        if (PeView.TryFind(file, out PeView pe) && pe.DataDirectory.Count > Index)
            file.Slice((int)pe.DirectoryOffset + (Index * DataDirectoryEntry.Layout.Size), DataDirectoryEntry.Layout.Size).Clear();
    }
}
