using System.Globalization;

namespace BootProtocol.Generators.Emit;

/// <summary>Versions as the protocol's document writes them.</summary>
internal static class VersionText
{
    public static string Of(uint version, bool isDotted) => isDotted
        ? string.Format(CultureInfo.InvariantCulture, "{0}.{1:00}", version >> 8, version & 0xff)
        : version.ToString(CultureInfo.InvariantCulture);
}
