using System.Globalization;

namespace BootProtocol;

/// <summary>A protocol version as headers store it: major * 256 + minor. 2.10 is 0x020a.</summary>
/// <remarks>The minor number is a decimal count, not a fraction: 2.10 is newer than 2.09.</remarks>
/// <example><code>
/// ProtocolVersion version = image.SetupHeader.Version;
/// if (version &gt;= new ProtocolVersion(2, 12))
///     Console.WriteLine($"{version}: xloadflags are there");
/// </code></example>
public readonly record struct ProtocolVersion : IComparable<ProtocolVersion>
{
    /// <summary>Makes a version of its two numbers.</summary>
    /// <param name="major">0 to 255.</param>
    /// <param name="minor">0 to 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number does not fit in a byte.</exception>
    public ProtocolVersion(int major, int minor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(major);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(major, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(minor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minor, byte.MaxValue);
        Raw = (ushort)((major << 8) | minor);
    }

    private ProtocolVersion(ushort raw) => Raw = raw;

    /// <summary>The version as it is stored: major in the upper byte, minor in the lower one.</summary>
    public ushort Raw { get; }

    /// <summary>The major number, 0 to 255.</summary>
    public int Major => Raw >> 8;

    /// <summary>The minor number, 0 to 255.</summary>
    public int Minor => Raw & 0xff;

    /// <summary>Takes a version as it is stored.</summary>
    public static ProtocolVersion FromRaw(ushort raw) => new(raw);

    /// <summary>Reads a version as protocol documents write it, such as <c>2.06</c>.</summary>
    /// <exception cref="FormatException">The text is not two decimal numbers from 0 to 255 with a point between them.</exception>
    public static ProtocolVersion Parse(string text) =>
        TryParse(text, out ProtocolVersion version)
            ? version
            : throw new FormatException($"'{text}' is no protocol version: expected two numbers from 0 to 255, such as 2.06");

    /// <summary>Reads a version as protocol documents write it, such as <c>2.06</c>.</summary>
    /// <returns>False if the text is not two decimal numbers from 0 to 255 with a point between them.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ProtocolVersion version)
    {
        int point = text.IndexOf('.');
        if (point > 0
            && byte.TryParse(text[..point], NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            && byte.TryParse(text[(point + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out byte minor))
        {
            version = new ProtocolVersion(major, minor);
            return true;
        }

        version = default;
        return false;
    }

    /// <inheritdoc/>
    public int CompareTo(ProtocolVersion other) => Raw.CompareTo(other.Raw);

    /// <summary>The version as protocol documents write it, with a minor number of at least two digits: <c>2.06</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor:00}");

    /// <summary>Whether the left version is older than the right one.</summary>
    public static bool operator <(ProtocolVersion left, ProtocolVersion right) => left.Raw < right.Raw;

    /// <summary>Whether the left version is not newer than the right one.</summary>
    public static bool operator <=(ProtocolVersion left, ProtocolVersion right) => left.Raw <= right.Raw;

    /// <summary>Whether the left version is newer than the right one.</summary>
    public static bool operator >(ProtocolVersion left, ProtocolVersion right) => left.Raw > right.Raw;

    /// <summary>Whether the left version is not older than the right one.</summary>
    public static bool operator >=(ProtocolVersion left, ProtocolVersion right) => left.Raw >= right.Raw;
}
