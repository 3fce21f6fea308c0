using System.Net.NetworkInformation;

namespace BootProtocol.Xen.Devices;

/// <summary>A network card for a domain, whose other end is in a bridge of the control domain.</summary>
/// <example><code>
/// var card = new XenNic { Bridge = "br0" };
/// Console.WriteLine(card.Mac.GetAddressBytes()[0] == 0 ? "an address of Xen's" : "another one");
/// </code></example>
public sealed record XenNic
{
    /// <summary>The bridge that Xen's own tool takes, too, where none is named.</summary>
    public const string UsualBridge = "xenbr0";

    private const int AddressSize = 6;

    /// <summary>The bridge.</summary>
    public string Bridge { get; init; } = UsualBridge;

    /// <summary>The guest's address, 6 bytes; by default a random one of those that belong to Xen: 00:16:3e and a number below 1 &lt;&lt; 23.</summary>
    public PhysicalAddress Mac { get; init; } = NewAddress();

    /// <summary>The address as text: <c>00:16:3e:01:02:03</c>.</summary>
    public string MacText => string.Join(':', Mac.GetAddressBytes().Select(static part => part.ToString("x2", null)));

    private static PhysicalAddress NewAddress()
    {
        // The last bytes of a random UUID are random, and need no library.
        byte[] address = Guid.NewGuid().ToByteArray()[^AddressSize..];
        ReadOnlySpan<byte> owner = [0x00, 0x16, 0x3e];
        owner.CopyTo(address);
        address[owner.Length] &= 0x7f;
        return new PhysicalAddress(address);
    }
}
