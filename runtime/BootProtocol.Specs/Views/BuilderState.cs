using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace BootProtocol;

/// <summary>How far a structure of varying size has been written: its rows in order, each behind the one above it. For generated code.</summary>
/// <example><code>
/// var state = new BuilderState(bytes, "parcel", start: 4);
/// state.Next(alignment: 4);
/// state.Put("tea"u8);
/// Console.WriteLine($"{state.At} bytes are written");
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct BuilderState
{
    private readonly string _structure;
    private int _endAbove;

    /// <summary>Starts behind the fixed part.</summary>
    /// <param name="bytes">Where the structure goes, from its first byte.</param>
    /// <param name="structure">The structure's name.</param>
    /// <param name="start">The size of its fixed part in bytes.</param>
    public BuilderState(Span<byte> bytes, string structure, int start)
    {
        Bytes = bytes;
        _structure = structure;
        At = start;
        Row = -1;
    }

    /// <summary>Where the structure goes, from its first byte.</summary>
    public Span<byte> Bytes { get; }

    /// <summary>The end of what is written, in bytes from the structure's start.</summary>
    public int At { get; private set; }

    /// <summary>The index of the row that is being written; -1 before the first.</summary>
    public int Row { get; private set; }

    /// <summary>Where that row starts, in bytes from the structure's start.</summary>
    public int Start { get; private set; }

    /// <summary>How many elements it has.</summary>
    public ulong Count { get; private set; }

    /// <summary>Whether anything was written of that row, or that it is there.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>What is behind all that is written.</summary>
    public readonly Span<byte> Rest => Bytes[At..];

    /// <summary>Refuses to write a row that was written before.</summary>
    /// <param name="isWritten">Whether it was.</param>
    /// <param name="row">The row's name.</param>
    public readonly void RefuseIf(bool isWritten, string row)
    {
        if (isWritten)
            throw new InvalidOperationException($"{_structure}.{row} is written already, or a row behind it is: rows are written in order.");
    }

    /// <summary>Goes to the next row.</summary>
    /// <param name="alignment">What its place is a multiple of; a power of two.</param>
    public void Next(int alignment)
    {
        _endAbove = At;
        Align(alignment);
        Row++;
        Start = At;
        Count = 0;
        IsBegun = false;
    }

    /// <summary>Notes that a row is there that may be left out.</summary>
    public void Begin() => IsBegun = true;

    /// <summary>Leaves a row out: the next one comes behind the one above it.</summary>
    public void LeaveOut() => At = Start = _endAbove;

    /// <summary>Fills up to a multiple of an alignment with zeros.</summary>
    /// <param name="alignment">A power of two.</param>
    public void Align(int alignment) => Take(-At & (alignment - 1));

    /// <summary>Makes the row as long as it has to be, with zeros.</summary>
    /// <param name="size">Bytes that it has at least.</param>
    public void Fill(int size) => Take(Math.Max(size - (At - Start), 0));

    /// <summary>Takes the place of an element, filled with zeros.</summary>
    /// <param name="size">Its size in bytes.</param>
    public Span<byte> Add(int size)
    {
        Span<byte> place = Take(size);
        Count++;
        return place;
    }

    /// <summary>Takes the place of elements, filled with zeros.</summary>
    /// <param name="count">Their number.</param>
    /// <param name="size">The size of each in bytes.</param>
    public Span<byte> AddMany(int count, int size)
    {
        Span<byte> place = Take((long)count * size);
        Count += (ulong)count;
        return place;
    }

    /// <summary>Takes the place of text or bytes of a fixed size.</summary>
    /// <param name="value">What goes there; zeros fill the rest.</param>
    /// <param name="size">The size.</param>
    /// <param name="row">The row's name.</param>
    public void PutFixed(scoped ReadOnlySpan<byte> value, int size, string row)
    {
        RefuseLonger(value.Length, size, row);
        value.CopyTo(Take(size));
    }

    /// <summary>Refuses more elements than a row of a fixed size has.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="most">How many it has.</param>
    /// <param name="row">The row's name.</param>
    public readonly void RefuseLonger(int count, int most, string row)
    {
        if (count > most)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{_structure}.{row} has room for {most}, not for {count}.");
            throw new ArgumentException(place, nameof(count));
        }
    }

    /// <summary>Takes the place of bytes, each of which counts.</summary>
    /// <param name="value">What goes there; it may stand there already.</param>
    public void Put(scoped ReadOnlySpan<byte> value)
    {
        Copy(value);
        Count += (ulong)value.Length;
    }

    /// <summary>Takes the place of text, as UTF-8.</summary>
    /// <param name="value">What goes there.</param>
    public void Put(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Span<byte> place = Take(Encoding.UTF8.GetByteCount(value));
        Count += (ulong)Encoding.UTF8.GetBytes(value, place);
    }

    /// <summary>Takes the place of a number in bytes of 7 bits each.</summary>
    /// <param name="value">The number.</param>
    public void PutLeb128(ulong value)
    {
        for (; value > 0x7f; value >>= 7)
            Take(1)[0] = unchecked((byte)(value | 0x80));
        Take(1)[0] = (byte)value;
    }

    /// <summary>Makes the row a number in bytes of 7 bits each: 0 where none was written.</summary>
    public void FillLeb128()
    {
        if (At == Start)
            PutLeb128(0);
    }

    /// <summary>Takes the place of a number of up to 8 bytes, which are what counts.</summary>
    /// <param name="value">The number.</param>
    /// <param name="size">How many bytes it takes.</param>
    /// <param name="isBigEndian">Whether the most significant byte comes first.</param>
    /// <param name="row">The row's name.</param>
    public void PutNumber(ulong value, int size, bool isBigEndian, string row)
    {
        RefuseLonger(size, sizeof(ulong), row);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        FieldNumbers.Write(Take(size), value, isBigEndian, row);
        Count = (ulong)size;
    }

    /// <summary>Takes the place of an element of varying size.</summary>
    /// <param name="element">What goes there; it may stand there already.</param>
    public void PutElement(scoped ReadOnlySpan<byte> element)
    {
        Copy(element);
        Count++;
    }

    /// <summary>Refuses a number that its field cannot hold.</summary>
    /// <param name="number">The number.</param>
    /// <param name="largest">The largest that the field can hold.</param>
    /// <param name="field">The field's name.</param>
    /// <returns>The number.</returns>
    public readonly ulong Fit(ulong number, ulong largest, string field)
    {
        if (number <= largest)
            return number;
        CultureInfo culture = CultureInfo.InvariantCulture;
        throw new BootRequestException(
            BootErrorCode.TooLarge, _structure, field, null, string.Create(culture, $"at most {largest}"), number.ToString(culture));
    }

    /// <summary>Refuses a structure that is read otherwise than it was written.</summary>
    /// <param name="isSame">Whether it is read as it was written.</param>
    /// <param name="error">Why it cannot be read; no error if it can.</param>
    public readonly void RefuseUnless(bool isSame, ParseError error)
    {
        if (isSame)
            return;
        throw new BootRequestException(error.IsError ? error : new ParseError(
            BootErrorCode.NotAllowed, _structure, "", null, "numbers that say how large the rows are that were written", "other numbers"));
    }

    // What is copied may overlap its place: nothing is cleared before.
    private void Copy(scoped ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(Rest);
        At += value.Length;
    }

    private Span<byte> Take(long size)
    {
        Reserve(size);
        Span<byte> place = Bytes.Slice(At, (int)size);
        place.Clear();
        At += (int)size;
        return place;
    }

    private readonly void Reserve(long size)
    {
        if (size <= Bytes.Length - At)
            return;
        string text = string.Create(CultureInfo.InvariantCulture, $"{_structure} needs {At + size} bytes, but there is room for {Bytes.Length}.");
        throw new ArgumentException(text, nameof(size));
    }
}
