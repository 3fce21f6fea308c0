using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace BootProtocol;

/// <summary>Reaches the members that generated views implement explicitly. For generated code.</summary>
/// <example><code>
/// int size = ViewAccess.SizeOf&lt;StartInfo&gt;(WordSize.Bits64);
/// byte[] page = new byte[size];
/// StartInfo.Create(page, WordSize.Bits64);
/// Console.WriteLine(ViewAccess.View&lt;StartInfo&gt;(page, WordSize.Bits64).NrPages);
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewAccess
{
    /// <summary>Looks at bytes as a structure; see <see cref="IView{TSelf}.View"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T View<T>(ReadOnlySpan<byte> bytes, WordSize word)
        where T : IView<T>, allows ref struct => T.View(bytes, word);

    /// <summary>Looks at bytes as a structure of varying size that has been read before.</summary>
    /// <exception cref="BootFormatException">The bytes are no such structure.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, WordSize word)
        where T : IVaryingView<T>, allows ref struct
    {
        ParseError error = default;
        return T.TryRead(bytes, word, out T view, out _, ref error) ? view : throw error.ToException();
    }

    /// <summary>The next multiple of an alignment, or the end if that comes first.</summary>
    /// <param name="at">A place, at most <paramref name="end"/>.</param>
    /// <param name="alignment">A power of two.</param>
    /// <param name="end">The end.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Align(int at, int alignment, int end) =>
        (int)Math.Min(((uint)at + (uint)alignment - 1) & (uint)-alignment, (uint)end);

    /// <summary>Finds how many bytes a structure of varying size takes.</summary>
    /// <param name="bytes">The structure; what goes beyond it is left out.</param>
    /// <param name="word">The variant.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="error">Why it is not there; left alone if it is.</param>
    /// <returns>Whether it is there.</returns>
    public static bool TryMeasureOne<T>(ReadOnlySpan<byte> bytes, WordSize word, out int length, scoped ref ParseError error)
        where T : IVaryingView<T>, allows ref struct => T.TryRead(bytes, word, out _, out length, ref error);

    /// <summary>Finds whether a structure of one size is there.</summary>
    /// <param name="bytes">The structure; what goes beyond it is left out.</param>
    /// <param name="word">The variant.</param>
    /// <param name="structure">Its name.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="error">Why it is not there; left alone if it is.</param>
    /// <returns>Whether it is there.</returns>
    public static bool TryMeasureFixed<T>(ReadOnlySpan<byte> bytes, WordSize word, string structure, out int length, scoped ref ParseError error)
        where T : IView<T>, allows ref struct
    {
        length = T.SizeOf(word);
        if (length <= bytes.Length)
            return true;
        error = ViewFaults.TooShort(structure, bytes.Length, length, bytes.Length);
        return false;
    }

    /// <summary>Finds how many bytes a number of structures of varying size take.</summary>
    /// <param name="bytes">The structures; what goes beyond them is left out.</param>
    /// <param name="word">The variant.</param>
    /// <param name="count">The number of structures.</param>
    /// <param name="structure">The structure that holds them, for the error.</param>
    /// <param name="field">The field that holds them.</param>
    /// <param name="start">The place of the first, as the protocol's document counts.</param>
    /// <param name="used">Their size in bytes.</param>
    /// <param name="error">Why there are not as many; left alone if there are.</param>
    /// <returns>Whether there are as many.</returns>
    public static bool TryMeasure<T>(
        ReadOnlySpan<byte> bytes, WordSize word, ulong count, string structure, string field, long start, out int used, scoped ref ParseError error)
        where T : IVaryingView<T>, allows ref struct
    {
        used = 0;
        for (ulong i = 0; i < count; i++)
        {
            if (used == bytes.Length)
            {
                error = ViewFaults.TooFew(structure, field, start + used, count, i);
                return false;
            }

            if (!T.TryRead(bytes[used..], word, out _, out int length, ref error))
            {
                error = error.MovedBy(start + used);
                return false;
            }

            // A structure without bytes has no end: the rest would be an endless number of them.
            used += length == 0 ? bytes.Length - used : length;
        }

        return true;
    }

    /// <summary>Finds how many bytes a number takes that is stored in bytes of 7 bits each.</summary>
    /// <param name="bytes">The number; what goes beyond it is left out.</param>
    /// <param name="structure">The structure that holds it, for the error.</param>
    /// <param name="field">The field that it is.</param>
    /// <param name="start">Its place, as the protocol's document counts.</param>
    /// <param name="used">Its size in bytes.</param>
    /// <param name="error">Why there is no such number; left alone if there is one.</param>
    /// <returns>Whether there is one: of at most 64 bits, in as few bytes as it needs.</returns>
    public static bool TryMeasureLeb128(
        ReadOnlySpan<byte> bytes, string structure, string field, long start, out int used, scoped ref ParseError error)
    {
        used = bytes[..Math.Min(bytes.Length, FieldNumbers.LongestLeb128)].IndexOfAnyInRange((byte)0, (byte)0x7f) + 1;
        if (used == 0 && bytes.Length < FieldNumbers.LongestLeb128)
            error = ViewFaults.EndsInNumber(structure, field, start, bytes.Length);
        else if (used == 0 || (used > 1 && bytes[used - 1] == 0) || (used == FieldNumbers.LongestLeb128 && bytes[used - 1] > 1))
            error = ViewFaults.NoLeb128(structure, field, start, bytes[..Math.Min(bytes.Length, FieldNumbers.LongestLeb128)]);
        else
            return true;
        return false;
    }

    /// <summary>Finds how many bytes structures of varying size take, up to and with the first that passes a test.</summary>
    /// <param name="bytes">The structures; what goes beyond them is left out.</param>
    /// <param name="word">The variant.</param>
    /// <param name="isLast">The test.</param>
    /// <param name="mark">The test in words.</param>
    /// <param name="structure">The structure that holds them, for the error.</param>
    /// <param name="field">The field that holds them.</param>
    /// <param name="start">The place of the first, as the protocol's document counts.</param>
    /// <param name="used">Their size in bytes.</param>
    /// <param name="error">Why there is no such structure; left alone if there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryMeasureUntil<T>(
        ReadOnlySpan<byte> bytes,
        WordSize word,
        ViewTest<T> isLast,
        string mark,
        string structure,
        string field,
        long start,
        out int used,
        scoped ref ParseError error)
        where T : IVaryingView<T>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(isLast);
        used = 0;
        while (used < bytes.Length)
        {
            if (!T.TryRead(bytes[used..], word, out T element, out int length, ref error))
            {
                error = error.MovedBy(start + used);
                return false;
            }

            used += length == 0 ? bytes.Length - used : length;
            if (isLast(element))
                return true;
        }

        error = ViewFaults.NoLast(structure, field, start + used, mark);
        return false;
    }

    /// <summary>Finds how many bytes structures of one size take, up to and with the first that passes a test.</summary>
    /// <param name="bytes">The structures; what goes beyond them is left out.</param>
    /// <param name="word">The variant.</param>
    /// <param name="isLast">The test.</param>
    /// <param name="mark">The test in words.</param>
    /// <param name="structure">The structure that holds them, for the error.</param>
    /// <param name="field">The field that holds them.</param>
    /// <param name="start">The place of the first, as the protocol's document counts.</param>
    /// <param name="used">Their size in bytes.</param>
    /// <param name="error">Why there is no such structure; left alone if there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryMeasureFixedUntil<T>(
        ReadOnlySpan<byte> bytes,
        WordSize word,
        ViewTest<T> isLast,
        string mark,
        string structure,
        string field,
        long start,
        out int used,
        scoped ref ParseError error)
        where T : IView<T>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(isLast);
        var list = new ViewList<T>(bytes, word);
        int size = T.SizeOf(word);
        for (int i = 0; i < list.Count; i++)
        {
            if (!isLast(list[i]))
                continue;
            used = (i + 1) * size;
            return true;
        }

        used = 0;
        error = ViewFaults.NoLast(structure, field, start + ((long)list.Count * size), mark);
        return false;
    }

    /// <summary>The size of a structure in bytes; see <see cref="IView{TSelf}.SizeOf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf<T>(WordSize word)
        where T : IView<T>, allows ref struct => T.SizeOf(word);

    /// <summary>Reads elements that an address leads to.</summary>
    /// <param name="space">Where addresses lead.</param>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the field that has the address.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="address">The address.</param>
    /// <param name="count">How many elements there are.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="bytes">The elements; empty if this returns false.</param>
    /// <param name="error">Why they cannot be read.</param>
    public static bool TryFollow(
        IAddressSpace space,
        string structure,
        string field,
        long offset,
        ulong address,
        ulong count,
        int size,
        out ReadOnlySpan<byte> bytes,
        out ParseError error)
    {
        bytes = space.Read(address, count > (ulong)(int.MaxValue / size) ? int.MaxValue : (int)count * size);
        error = (ulong)bytes.Length / (uint)size < count
            ? ViewFaults.LeadsNowhere(structure, field, offset, address, count, size, bytes.Length)
            : default;
        if (error.IsError)
            bytes = default;
        return !error.IsError;
    }

    /// <summary>Reads a text that an address leads to.</summary>
    /// <param name="space">Where addresses lead.</param>
    /// <param name="structure">The structure's name.</param>
    /// <param name="field">The name of the field that has the address.</param>
    /// <param name="offset">The field's place, as the protocol's document counts.</param>
    /// <param name="address">The address.</param>
    /// <param name="text">The text without its NUL; empty if this returns false.</param>
    /// <param name="error">Why it cannot be read: it has no end within 1 MiB.</param>
    public static bool TryFollowText(
        IAddressSpace space, string structure, string field, long offset, ulong address, out ReadOnlySpan<byte> text, out ParseError error)
    {
        const int Longest = 1 << 20;
        text = space.Read(address, Longest);
        int end = text.IndexOf((byte)0);
        error = end < 0 ? ViewFaults.LeadsToNoText(structure, field, offset, address, text.Length) : default;
        text = end < 0 ? default : text[..end];
        return end >= 0;
    }
}
