using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace BootProtocol;

/// <summary>Reads and writes texts of a fixed size, and numbers that are texts. For generated code.</summary>
/// <example><code>
/// byte[] name = new byte[8];
/// FieldText.Write(name, ".linux", "name");
/// Console.WriteLine(Encoding.ASCII.GetString(FieldText.Cut(name)));
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FieldText
{
    private static readonly SearchValues<byte> _digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>The text up to its first NUL; all of it if it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }

    /// <summary>Whether bytes are hexadecimal digits.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(_digits);

    /// <summary>The number that hexadecimal digits stand for; where other bytes are among them, 0.</summary>
    /// <param name="digits">At most 16.</param>
    public static ulong Number(ReadOnlySpan<byte> digits) => ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out ulong number) ? number : 0;

    /// <summary>Writes a number as hexadecimal digits, with zeros before it.</summary>
    /// <param name="place">The field's bytes.</param>
    /// <param name="value">The number.</param>
    /// <param name="field">The field's name, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number has more digits than the place.</exception>
    public static void Write(Span<byte> place, ulong value, string field)
    {
        ulong rest = value;
        for (int i = place.Length - 1; i >= 0; i--, rest >>= 4)
            place[i] = "0123456789abcdef"u8[(int)(rest & 0xf)];
        if (rest != 0)
            throw new ArgumentOutOfRangeException(nameof(value), value, $"{field} has {place.Length} digits.");
    }

    /// <summary>Writes a text and fills the rest of its place with NULs. A text as long as the place has none behind it.</summary>
    /// <param name="place">The field's bytes.</param>
    /// <param name="value">The text.</param>
    /// <param name="field">The field's name, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The text is longer than the place.</exception>
    public static void Write(Span<byte> place, ReadOnlySpan<byte> value, string field)
    {
        if (value.Length > place.Length)
            throw new ArgumentOutOfRangeException(nameof(value), value.Length, $"{field} has {place.Length} bytes.");
        value.CopyTo(place);
        place[value.Length..].Clear();
    }

    /// <summary>Writes a text as UTF-8 and fills the rest of its place with NULs.</summary>
    /// <param name="place">The field's bytes.</param>
    /// <param name="value">The text.</param>
    /// <param name="field">The field's name, for the message.</param>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The text is longer than the place.</exception>
    public static void Write(Span<byte> place, string value, string field)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!Encoding.UTF8.TryGetBytes(value, place, out int written))
            throw new ArgumentOutOfRangeException(nameof(value), Encoding.UTF8.GetByteCount(value), $"{field} has {place.Length} bytes.");
        place[written..].Clear();
    }
}
