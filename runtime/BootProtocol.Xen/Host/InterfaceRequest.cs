using System.Runtime.InteropServices;
using System.Text;

namespace BootProtocol.Xen.Host;

/// <summary>Linux's <c>struct ifreq</c>, with one number behind the name.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct InterfaceRequest
{
    /// <summary>Characters that a name may have: IFNAMSIZ without the NUL.</summary>
    public const int LongestName = 15;

    /// <summary>IFF_UP, of 16 bits.</summary>
    public const short Up = 1;

    /// <summary>IFF_NOARP.</summary>
    public const short NoAddressResolution = 0x80;

    /// <summary>IFF_MULTICAST.</summary>
    public const short Multicast = 0x1000;

    [FieldOffset(0)]
    private fixed byte _name[16];

    /// <summary>An index or an MTU.</summary>
    [FieldOffset(16)]
    public int Number;

    /// <summary>The flags.</summary>
    [FieldOffset(16)]
    public short Flags;

    /// <summary>A request for an interface; its name is no longer than <see cref="LongestName"/>.</summary>
    public static InterfaceRequest Of(string name)
    {
        var request = default(InterfaceRequest);
        Encoding.ASCII.GetBytes(name, new Span<byte>(request._name, LongestName));
        return request;
    }
}
