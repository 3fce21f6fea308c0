using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.NetworkInformation;
using BootProtocol.Cli.Control;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Cli.Commands;

/// <summary>The options that give a domain of Xen disks and network cards.</summary>
internal sealed class DeviceOptions
{
    private const string Disk = "--disk";
    private const string Nic = "--nic";
    private const string ReadOnly = ",ro";
    private const string Bridge = "bridge=";
    private const string Mac = "mac=";
    private const int AddressSize = 6;

    private readonly Option<string[]> _disk = new(Disk)
    {
        Description = "A block device or a file that is a disk of the domain, xvda, xvdb and so on; ,ro behind it makes it read-only.",
        HelpName = "PATH[,ro]",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> _nic = new(Nic)
    {
        Description = $"A network card of the domain, in a bridge: bridge=NAME ({XenNic.UsualBridge} by default), and its address: "
            + "mac=00:16:3e:01:02:03 (a random one of Xen's by default).",
        HelpName = "[bridge=B][,mac=M]",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_disk);
        command.Add(_nic);
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="ToolException">One is wrong.</exception>
    public DeviceRequest Read(ParseResult parsed)
    {
        OptionResult? nics = parsed.GetResult(_nic);
        int bare = nics is null ? 0 : nics.IdentifierTokenCount - nics.Tokens.Count;
        try
        {
            return new DeviceRequest(
                [.. XenDisk.NameAll([.. (parsed.GetValue(_disk) ?? []).Select(ReadDisk)])],
                [.. (parsed.GetValue(_nic) ?? []).Select(ReadNic), .. Enumerable.Range(0, bare).Select(static _ => new XenNic())]);
        }
        catch (XenException wrong)
        {
            throw new ToolException(ExitCode.Usage, $"{Disk}: {wrong.Message}");
        }
    }

    private static XenDisk ReadDisk(string text)
    {
        bool isReadOnly = text.EndsWith(ReadOnly, StringComparison.Ordinal);
        string path = isReadOnly ? text[..^ReadOnly.Length] : text;
        return path.Length > 0
            ? new XenDisk { Path = Path.GetFullPath(path), IsReadOnly = isReadOnly }
            : throw new ToolException(ExitCode.Usage, $"{Disk}: expected a path, found '{text}'");
    }

    /// <summary>A network card by its two parts, each of which may be left out.</summary>
    private static XenNic ReadNic(string text)
    {
        var nic = new XenNic();
        foreach (string part in text.Split(','))
        {
            if (part.Length > Bridge.Length && part.StartsWith(Bridge, StringComparison.Ordinal))
                nic = nic with { Bridge = part[Bridge.Length..] };
            else if (part.StartsWith(Mac, StringComparison.Ordinal) && ReadAddress(part[Mac.Length..]) is { } address)
                nic = nic with { Mac = address };
            else
                throw new ToolException(ExitCode.Usage, $"{Nic}: expected {Bridge}NAME or {Mac}00:16:3e:01:02:03, found '{part}'");
        }

        return nic;
    }

    /// <summary>Six numbers of two digits; null for what is no address of one card.</summary>
    internal static PhysicalAddress? ReadAddress(string text) =>
        PhysicalAddress.TryParse(text, out PhysicalAddress? address) && address.GetAddressBytes() is { Length: AddressSize } bytes && (bytes[0] & 1) == 0
            ? address
            : null;
}
