using BootProtocol.Cli.Commands;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>Reads the network cards of a domain's file.</summary>
/// <remarks>Source: Xen's docs/man/xl-network-configuration.5.pod.</remarks>
internal static class FileNic
{
    private const string Nic = "vif";

    /// <summary>Reads <c>mac=M,bridge=B</c>, of which each may be left out.</summary>
    /// <exception cref="ToolException">It is no network card, or one that cannot be had here.</exception>
    public static XenNic Read(FileValues values, string text)
    {
        var nic = new XenNic();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] pair = part.Split('=', 2);
            string value = pair.Length > 1 ? pair[1] : "";
            nic = pair[0] switch
            {
                "mac" => nic with { Mac = DeviceOptions.ReadAddress(value) ?? throw values.Bad(Nic, "an address such as 00:16:3e:01:02:03", $"'{value}'") },
                "bridge" => nic with { Bridge = value },
                "type" when value is "vif" or "netfront" => nic,
                _ => throw values.Bad(Nic, $"'{part}' is not taken here"),
            };
        }

        return nic;
    }
}
