using System.Buffers.Binary;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace BootProtocol;

/// <summary>Reads descriptors of ELF notes. For generated code.</summary>
/// <example><code>
/// if (kernel.Notes.TryFindNote("Xen", XenNotes.Number.Phys32Entry, out ReadOnlySpan&lt;byte&gt; descriptor))
///     Console.WriteLine($"0x{NoteReader.Number(descriptor, "Xen", "PHYS32_ENTRY", isBigEndian: false):x}");
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class NoteReader
{
    /// <summary>Finds a note's descriptor.</summary>
    /// <returns>False if the note or the source is not there.</returns>
    public static bool TryFind(INoteSource? source, string owner, uint type, out ReadOnlySpan<byte> descriptor)
    {
        if (source is not null)
            return source.TryFindNote(owner, type, out descriptor);
        descriptor = default;
        return false;
    }

    /// <summary>Reads a number of 1, 2, 4 or 8 bytes.</summary>
    /// <param name="descriptor">The note's descriptor.</param>
    /// <param name="owner">The note's owner.</param>
    /// <param name="note">The note's name.</param>
    /// <param name="isBigEndian">Whether numbers are stored most significant byte first.</param>
    /// <exception cref="BootFormatException">The descriptor has another size.</exception>
    public static ulong Number(ReadOnlySpan<byte> descriptor, string owner, string note, bool isBigEndian) => descriptor.Length switch
    {
        1 => descriptor[0],
        2 => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(descriptor) : BinaryPrimitives.ReadUInt16LittleEndian(descriptor),
        4 => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(descriptor) : BinaryPrimitives.ReadUInt32LittleEndian(descriptor),
        8 => isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(descriptor) : BinaryPrimitives.ReadUInt64LittleEndian(descriptor),
        _ => throw WrongSize(owner, note, "a descriptor of 1, 2, 4 or 8 bytes", descriptor.Length),
    };

    /// <summary>Reads a number of 1, 2, 4 or 8 bytes with a sign.</summary>
    /// <param name="descriptor">The note's descriptor.</param>
    /// <param name="owner">The note's owner.</param>
    /// <param name="note">The note's name.</param>
    /// <param name="isBigEndian">Whether numbers are stored most significant byte first.</param>
    /// <exception cref="BootFormatException">The descriptor has another size.</exception>
    public static long SignedNumber(ReadOnlySpan<byte> descriptor, string owner, string note, bool isBigEndian)
    {
        int unused = 64 - (descriptor.Length * 8);
        return unchecked((long)(Number(descriptor, owner, note, isBigEndian) << unused)) >> unused;
    }

    /// <summary>Reads a text: up to its first NUL, or to the end.</summary>
    public static string Text(ReadOnlySpan<byte> descriptor) => Encoding.UTF8.GetString(FieldText.Cut(descriptor));

    /// <summary>Reads numbers of one size, as many as there are.</summary>
    /// <param name="descriptor">The note's descriptor.</param>
    /// <param name="size">Bytes of one number.</param>
    /// <param name="owner">The note's owner.</param>
    /// <param name="note">The note's name.</param>
    /// <param name="read">Reads one number.</param>
    /// <exception cref="BootFormatException">The last number is incomplete.</exception>
    public static ImmutableArray<T> Numbers<T>(ReadOnlySpan<byte> descriptor, int size, string owner, string note, ValueReader<T> read)
    {
        if (descriptor.Length % size != 0)
            throw WrongSize(owner, note, string.Create(CultureInfo.InvariantCulture, $"numbers of {size} bytes"), descriptor.Length);
        return ImmutableArray.Create(new ValueList<T>(descriptor, size, read).ToArray());
    }

    /// <summary>Looks at a descriptor as a structure.</summary>
    /// <param name="descriptor">The note's descriptor; what goes beyond the structure is left out.</param>
    /// <param name="word">The variant of the structure.</param>
    /// <param name="owner">The note's owner.</param>
    /// <param name="note">The note's name.</param>
    /// <exception cref="BootFormatException">The descriptor is shorter than the structure.</exception>
    public static T Structure<T>(ReadOnlySpan<byte> descriptor, WordSize word, string owner, string note)
        where T : IView<T>, allows ref struct
    {
        int size = T.SizeOf(word);
        if (descriptor.Length < size)
        {
            string expected = string.Create(CultureInfo.InvariantCulture, $"a descriptor of at least {size} bytes");
            throw WrongSize(owner, note, expected, descriptor.Length);
        }

        return T.View(descriptor, word);
    }

    /// <summary>A number is larger than its note allows.</summary>
    /// <param name="owner">The note's owner.</param>
    /// <param name="note">The note's name.</param>
    /// <param name="type">The type that it must fit in, as the spec writes it.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="BootFormatException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowTooLarge(string owner, string note, string type, ulong value) =>
        throw new BootFormatException(BootErrorCode.BadValue, $"note {owner}", note, null, $"a value that fits in {type}", $"0x{value:x}");

    private static BootFormatException WrongSize(string owner, string note, string expected, int size) =>
        new(BootErrorCode.WrongSize, $"note {owner}", note, null, expected, string.Create(CultureInfo.InvariantCulture, $"{size} bytes"));
}
