using System.Buffers.Binary;

namespace BootProtocol.Relocate;

/// <summary>Numbers that nobody can foresee.</summary>
/// <remarks>
/// The platform's own class for them needs OpenSSL's library at run time, which a rescue system or a container need not have. New GUIDs are
/// made from the same source, the operating system's, without it.
/// </remarks>
internal static class StrongRandom
{
    // Of a GUID's last eight bytes, the two highest bits are not random (RFC 9562, 4.1).
    private const int Bits = 62;

    /// <summary>A number from 0 on.</summary>
    /// <param name="count">How many numbers there are to choose from: at least 1. Up to 2^32, each is as likely as the others, to one in 2^30.</param>
    public static ulong Below(ulong count)
    {
        Span<byte> guid = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(guid);
        ulong random = BinaryPrimitives.ReadUInt64BigEndian(guid[8..]) & (1UL << Bits) - 1;
        return (ulong)((UInt128)random * count >> Bits);
    }
}
