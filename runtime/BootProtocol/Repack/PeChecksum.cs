using System.Runtime.InteropServices;

namespace BootProtocol.Repack;

/// <summary>
/// The checksum of a PE file: the sum of its 16-bit words, little-endian, each carry added again, and of its length in bytes. Its own field
/// counts as zero. Source: CheckSumMappedFile of Windows' imagehlp, as the PE format refers to it.
/// </summary>
internal sealed class PeChecksum
{
    private ulong _sum;
    private long _length;

    /// <summary>Adds bytes behind those that were added before.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        bool isOdd = (_length & 1) != 0;
        _length += bytes.Length;
        if (isOdd)
        {
            _sum += (ulong)bytes[0] << 8;
            bytes = bytes[1..];
        }

        foreach (ushort word in MemoryMarshal.Cast<byte, ushort>(bytes))
            _sum += word;
        if ((bytes.Length & 1) != 0)
            _sum += bytes[^1];
    }

    /// <summary>The checksum of all that was added.</summary>
    public uint Finish()
    {
        // All carries at once, or one by one: the sum modulo 65,535 is the same.
        ulong sum = _sum;
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (uint)(sum + (ulong)_length);
    }
}
