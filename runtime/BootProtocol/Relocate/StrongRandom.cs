using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace BootProtocol.Relocate;

/// <summary>Numbers that nobody can foresee.</summary>
/// <remarks>
/// The platform's own class for them needs OpenSSL's library at run time, which a rescue system or a container need not have. They come
/// from the system's call instead, which needs no device file either; where there is no such call, from a new GUID.
/// </remarks>
internal static unsafe class StrongRandom
{
    // Of a GUID's last eight bytes, the two highest bits are not random (RFC 9562, 4.1).
    private const int Bits = 62;

    // Looked up rather than imported: not every system has it.
    private static readonly delegate* unmanaged<byte*, nuint, uint, nint> _getRandom = Find();

    /// <summary>A number from 0 on.</summary>
    /// <param name="count">
    /// How many numbers there are to choose from: at least 1. If they are at most 2^32, each is as likely as the others, to one in 2^30.
    /// </param>
    public static ulong Below(ulong count) => (ulong)((UInt128)(Next() & (1UL << Bits) - 1) * count >> Bits);

    private static ulong Next()
    {
        ulong random;
        // So few bytes come all at once, or not at all.
        if (_getRandom is not null && _getRandom((byte*)&random, sizeof(ulong), 0) == sizeof(ulong))
            return random;
        Span<byte> guid = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(guid);
        return BinaryPrimitives.ReadUInt64BigEndian(guid[8..]);
    }

    private static delegate* unmanaged<byte*, nuint, uint, nint> Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "getrandom", out nint function)
            ? (delegate* unmanaged<byte*, nuint, uint, nint>)function
            : null;
}
