using System.Globalization;

namespace BootProtocol.Elf;

/// <summary>Reads NUL-terminated texts of a table of texts, each where it stands.</summary>
internal readonly struct ElfStrings
{
    private readonly KernelBytes? _bytes;
    private readonly long _offset;
    private readonly long _length;
    private readonly int _maximum;

    /// <summary>Takes a table that is known to lie inside the file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="offset">Where the table starts in the file, in bytes.</param>
    /// <param name="length">The table's bytes.</param>
    /// <param name="maximum">The most bytes of a text, its NUL not counted.</param>
    public ElfStrings(KernelBytes bytes, long offset, long length, int maximum)
    {
        _bytes = bytes;
        _offset = offset;
        _length = length;
        _maximum = maximum;
    }

    /// <summary>The text at an offset in the table; empty if there is no table.</summary>
    /// <param name="offset">Where it starts in the table, in bytes.</param>
    /// <param name="structure">The structure that names it.</param>
    /// <param name="field">The field that holds the offset.</param>
    /// <param name="at">That field's file offset.</param>
    /// <exception cref="BootFormatException">It starts behind the table, has no end in it, or is too long.</exception>
    public ReadOnlySpan<byte> Read(uint offset, string structure, string field, long at)
    {
        if (_bytes is null)
            return default;
        if (offset >= _length)
        {
            string inside = string.Create(CultureInfo.InvariantCulture, $"an offset in a table of {_length} bytes");
            throw new BootFormatException(BootErrorCode.OutOfBounds, structure, field, at, inside, $"0x{offset:x}");
        }

        ReadOnlySpan<byte> text = _bytes.Read(_offset + offset, Math.Min(_length - offset, _maximum + 1L));
        int end = text.IndexOf((byte)0);
        if (end < 0)
        {
            string expected = string.Create(CultureInfo.InvariantCulture, $"a name of at most {_maximum} bytes that ends in its table");
            throw new BootFormatException(BootErrorCode.Malformed, structure, field, at, expected, $"one without an end at table offset 0x{offset:x}");
        }

        return text[..end];
    }

    /// <summary>Whether the text at an offset in the table is a given one. Names that are broken are not.</summary>
    public bool Matches(uint offset, ReadOnlySpan<byte> name)
    {
        if (_bytes is null || offset + (long)name.Length >= _length)
            return false;
        ReadOnlySpan<byte> text = _bytes.Read(_offset + offset, name.Length + 1);
        return text[^1] == 0 && text[..^1].SequenceEqual(name);
    }
}
