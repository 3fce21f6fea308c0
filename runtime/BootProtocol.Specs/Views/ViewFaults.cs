using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace BootProtocol;

/// <summary>Makes the errors of generated views, away from the code that has to inline. For generated code.</summary>
/// <example><code>
/// ParseError error = ViewFaults.TooShort("crate", offset: 6, needed: 16, length: 6);
/// Console.WriteLine(error);
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewFaults
{
    /// <summary>Bytes end before the structure may.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="offset">Where the bytes end, as the protocol's document counts.</param>
    /// <param name="needed">The fewest bytes that the structure may have.</param>
    /// <param name="length">The bytes that there are.</param>
    public static ParseError TooShort(string structure, long offset, int needed, int length) =>
        new(BootErrorCode.Truncated, structure, "", offset, Invariant($"at least {needed} bytes"), Invariant($"{length} bytes"));

    /// <summary>A field does not hold its constant.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="expected">The constant, for the message.</param>
    /// <param name="found">The field's bytes.</param>
    /// <param name="isText">Whether the constant is a text.</param>
    /// <param name="isBigEndian">Whether numbers are stored most significant byte first.</param>
    public static ParseError WrongConstant(
        string structure, string field, long offset, string expected, ReadOnlySpan<byte> found, bool isText, bool isBigEndian) =>
        new(BootErrorCode.WrongMagic, structure, field, offset, expected, Spell(found, isText, isBigEndian));

    /// <summary>A number that is stored as hexadecimal digits has other bytes among them.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="found">The field's bytes.</param>
    public static ParseError NoDigits(string structure, string field, long offset, ReadOnlySpan<byte> found) => new(
        BootErrorCode.BadValue,
        structure,
        field,
        offset,
        Invariant($"{found.Length} hexadecimal digits"),
        IsPrintable(found) ? Quote(found) : $"bytes {Convert.ToHexStringLower(found)}");

    /// <summary>A field holds what a rule of the spec does not allow.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name; empty for a pad.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="expected">What the rule allows.</param>
    /// <param name="found">The field's bytes.</param>
    /// <param name="isBigEndian">Whether numbers are stored most significant byte first.</param>
    public static ParseError NotAllowed(string structure, string field, long offset, string expected, ReadOnlySpan<byte> found, bool isBigEndian) =>
        new(BootErrorCode.BadValue, structure, field, offset, expected, Hex(found, isBigEndian));

    /// <summary>A checksum is another than that of the bytes.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="expected">The checksum of the bytes.</param>
    /// <param name="found">The one that is stored.</param>
    public static ParseError WrongChecksum(string structure, string field, long offset, ulong expected, ulong found) =>
        new(BootErrorCode.BadChecksum, structure, field, offset, Invariant($"checksum 0x{expected:x}"), Invariant($"0x{found:x}"));

    /// <summary>An address leads to fewer bytes than it should.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the field that has the address.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="address">The address.</param>
    /// <param name="count">How many elements should be there.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="available">The bytes that there are.</param>
    public static ParseError LeadsNowhere(string structure, string field, long offset, ulong address, ulong count, int size, int available) => new(
        BootErrorCode.OutOfBounds,
        structure,
        field,
        offset,
        Invariant($"the address of {(UInt128)count * (uint)size} bytes"),
        Invariant($"0x{address:x} with {available} bytes"));

    /// <summary>An address leads to a text without an end.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the field that has the address.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="address">The address.</param>
    /// <param name="available">The bytes that were looked at.</param>
    public static ParseError LeadsToNoText(string structure, string field, long offset, ulong address, int available) => new(
        BootErrorCode.OutOfBounds,
        structure,
        field,
        offset,
        "the address of a text that ends with a NUL",
        Invariant($"0x{address:x} with none in {available} bytes"));

    /// <summary>A structure's version is older than the oldest that the spec has.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field that holds the version.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="lowest">The oldest version.</param>
    /// <param name="version">The version found.</param>
    /// <param name="isDotted">Whether versions are written major.minor.</param>
    public static ParseError TooOld(string structure, string field, long offset, uint lowest, uint version, bool isDotted) =>
        new(BootErrorCode.Unsupported, structure, field, offset, $"version {Version(lowest, isDotted)} or later", $"version {Version(version, isDotted)}");

    /// <summary>A structure says that it ends before its shortest possible end.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field that says so.</param>
    /// <param name="offset">That field's place, as the protocol's document counts.</param>
    /// <param name="needed">The fewest bytes that the structure may have.</param>
    /// <param name="length">The bytes that it says it has.</param>
    public static ParseError EndsEarly(string structure, string field, long offset, int needed, ulong length) =>
        new(BootErrorCode.Truncated, structure, field, offset, Invariant($"a structure of at least {needed} bytes"), Invariant($"one of {length} bytes"));

    /// <summary>A structure says that a part of it is longer than what is there.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The part's name, or that of the field that says how long the structure is.</param>
    /// <param name="offset">Its place, as the protocol's document counts.</param>
    /// <param name="count">How many elements the part has, or the structure bytes.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="available">The bytes that there are.</param>
    public static ParseError BeyondEnd(string structure, string field, long offset, ulong count, int size, int available) =>
        new(BootErrorCode.Truncated, structure, field, offset, Invariant($"{(UInt128)count * (uint)size} bytes"), Invariant($"{available} bytes"));

    /// <summary>Elements fill what they are in, and the last is incomplete.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the part that the elements are.</param>
    /// <param name="offset">Its place, as the protocol's document counts.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="available">The bytes that there are.</param>
    public static ParseError NotWhole(string structure, string field, long offset, int size, int available) =>
        new(BootErrorCode.WrongSize, structure, field, offset, Invariant($"whole elements of {size} bytes"), Invariant($"{available} bytes"));

    /// <summary>The bytes end before as many elements as there should be.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the part that the elements are.</param>
    /// <param name="offset">Where the bytes end, as the protocol's document counts.</param>
    /// <param name="count">How many elements there should be.</param>
    /// <param name="found">How many there are.</param>
    public static ParseError TooFew(string structure, string field, long offset, ulong count, ulong found) =>
        new(BootErrorCode.Truncated, structure, field, offset, Invariant($"{count} elements"), Invariant($"{found}"));

    /// <summary>No element is the last one.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the part that the elements are.</param>
    /// <param name="offset">Where the bytes end, as the protocol's document counts.</param>
    /// <param name="mark">How the last element is found.</param>
    public static ParseError NoLast(string structure, string field, long offset, string mark) =>
        new(BootErrorCode.Truncated, structure, field, offset, Invariant($"an element with {mark}"), "none");

    /// <summary>Text or bytes have no last byte.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">Their name.</param>
    /// <param name="offset">Their place, as the protocol's document counts.</param>
    /// <param name="mark">The last byte.</param>
    /// <param name="available">The bytes that there are.</param>
    public static ParseError NoMark(string structure, string field, long offset, byte mark, int available) =>
        new(BootErrorCode.Truncated, structure, field, offset, Invariant($"a byte {mark} at the end"), Invariant($"none in {available} bytes"));

    /// <summary>A number has more bytes than 64 bits take.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The number's name.</param>
    /// <param name="offset">Its place, as the protocol's document counts.</param>
    /// <param name="size">Its size in bytes.</param>
    public static ParseError TooWide(string structure, string field, long offset, ulong size) =>
        new(BootErrorCode.TooLarge, structure, field, offset, "a number of at most 8 bytes", Invariant($"one of {size} bytes"));

    /// <summary>Bytes end inside of a number that is stored in bytes of 7 bits each.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The number's name.</param>
    /// <param name="offset">Its place, as the protocol's document counts.</param>
    /// <param name="available">The bytes that there are.</param>
    public static ParseError EndsInNumber(string structure, string field, long offset, int available) =>
        new(BootErrorCode.Truncated, structure, field, offset, "a byte below 0x80 at the end", Invariant($"none in {available} bytes"));

    /// <summary>Bytes of 7 bits each are no number of 64 bits, or more of them than the number needs.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The number's name.</param>
    /// <param name="offset">Its place, as the protocol's document counts.</param>
    /// <param name="found">The bytes.</param>
    public static ParseError NoLeb128(string structure, string field, long offset, ReadOnlySpan<byte> found) => new(
        BootErrorCode.BadValue,
        structure,
        field,
        offset,
        "a number of at most 64 bits, in as few bytes of 7 bits as it needs",
        $"bytes {Convert.ToHexStringLower(found)}");

    /// <summary>A number chooses nothing that is known, where only the chosen says how large it is.</summary>
    /// <param name="choice">The choice's name.</param>
    /// <param name="tag">The number.</param>
    public static ParseError NotChosen(string choice, ulong tag) =>
        new(BootErrorCode.BadValue, choice, "", 0, "a number that chooses something", Invariant($"{tag}"));

    /// <summary>Structures stand in each other deeper than they are followed.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the part that is not followed.</param>
    /// <param name="offset">Its place, as the protocol's document counts.</param>
    /// <param name="limit">How deep they are followed.</param>
    public static ParseError TooDeep(string structure, string field, long offset, int limit) =>
        new(BootErrorCode.TooLarge, structure, field, offset, Invariant($"at most {limit} structures in each other"), "more");

    /// <summary>Fields give no number of 64 bits: it would be negative or too large, or be divided by 0.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="name">The name of the number.</param>
    /// <param name="offset">The place of the first field that it is computed of, as the protocol's document counts; null if there is none.</param>
    /// <param name="formula">How it is computed.</param>
    public static ParseError NoNumber(string structure, string name, long? offset, string formula) =>
        new(BootErrorCode.BadValue, structure, name, offset, $"fields of which {formula} is a number of 64 bits", "others");

    /// <summary>A field is set that the structure's version does not have, or does not let anyone write.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="gate">The versions that have it.</param>
    /// <param name="version">The structure's version.</param>
    /// <param name="isDotted">Whether versions are written major.minor.</param>
    [DoesNotReturn]
    public static void ThrowVersion(string structure, string field, long offset, string gate, uint version, bool isDotted) =>
        throw new BootFormatException(
            BootErrorCode.Missing, structure, field, offset, $"version {gate}", $"version {Version(version, isDotted)}");

    /// <summary>A field is set that lies beyond the end of the structure.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="end">The field's end, in bytes from the structure's start.</param>
    /// <param name="length">The structure's length in bytes.</param>
    [DoesNotReturn]
    public static void ThrowLength(string structure, string field, long offset, int end, int length) =>
        throw new BootFormatException(EndsEarly(structure, field, offset, end, (ulong)length));

    /// <summary>A field is set that the structure's variant lacks.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="isNarrow">Whether the structure at hand is the 32-bit variant.</param>
    [DoesNotReturn]
    public static void ThrowVariant(string structure, string field, bool isNarrow) =>
        throw new BootFormatException(
            BootErrorCode.Missing,
            structure,
            field,
            null,
            isNarrow ? "the 64-bit variant" : "the 32-bit variant",
            isNarrow ? "the 32-bit one" : "the 64-bit one");

    /// <summary>An index lies outside of an array.</summary>
    /// <param name="index">The index.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="name">The name of the parameter.</param>
    [DoesNotReturn]
    public static void ThrowIndex(int index, int count, string name = "index") =>
        throw new ArgumentOutOfRangeException(name, index, Invariant($"The index must be from 0 to {count - 1}."));

    /// <summary>A structure is to be made in a version that the spec does not have.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="lowest">The oldest version.</param>
    /// <param name="highest">The newest version.</param>
    /// <param name="version">The version asked for.</param>
    /// <param name="isDotted">Whether versions are written major.minor.</param>
    [DoesNotReturn]
    public static void ThrowUnknownVersion(string structure, uint lowest, uint highest, uint version, bool isDotted) =>
        throw new ArgumentOutOfRangeException(
            nameof(version),
            Version(version, isDotted),
            $"{structure} has versions {Version(lowest, isDotted)} to {Version(highest, isDotted)}.");

    /// <summary>There is too little room to make a structure.</summary>
    /// <param name="structure">The structure's name.</param>
    /// <param name="needed">The structure's size in bytes.</param>
    /// <param name="bytes">The room in bytes.</param>
    [DoesNotReturn]
    public static void ThrowRoom(string structure, int needed, int bytes) =>
        throw new ArgumentException(Invariant($"{structure} needs {needed} bytes, but there is room for {bytes}."), nameof(bytes));

    /// <summary>Bytes as messages put them: a text in quotes if it is one, a number, or more bytes than a number has.</summary>
    internal static string Spell(ReadOnlySpan<byte> bytes, bool isText, bool isBigEndian) =>
        isText && IsPrintable(bytes) ? Quote(bytes) : Hex(bytes, isBigEndian);

    private static string Version(uint version, bool isDotted) =>
        isDotted ? Invariant($"{version >> 8}.{version & 0xff:00}") : version.ToString(CultureInfo.InvariantCulture);

    private static bool IsPrintable(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static string Quote(ReadOnlySpan<byte> bytes) => $"\"{Encoding.ASCII.GetString(bytes)}\"";

    private static string Hex(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        if (bytes.Length > sizeof(ulong))
            return $"bytes {Convert.ToHexStringLower(bytes)}";
        ulong number = 0;
        for (int i = 0; i < bytes.Length; i++)
            number = (number << 8) | bytes[isBigEndian ? i : bytes.Length - 1 - i];
        return $"0x{number:x}";
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
