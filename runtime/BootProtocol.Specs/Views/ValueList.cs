namespace BootProtocol;

/// <summary>Numbers, addresses or enumerators one after the other, each read where it stands.</summary>
/// <typeparam name="T">The type of one value; of an array of arrays that of a list.</typeparam>
/// <example><code>
/// byte[] pages = [1, 0, 2, 0, 3, 0];
/// var list = new ValueList&lt;ushort&gt;(pages, sizeof(ushort), static bytes =&gt; BinaryPrimitives.ReadUInt16LittleEndian(bytes));
/// foreach (ushort page in list)
///     Console.WriteLine($"{page} of {list.Count}");
/// </code></example>
public readonly ref struct ValueList<T>
    where T : allows ref struct
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _size;
    private readonly ValueReader<T> _read;

    /// <summary>Looks at bytes as values.</summary>
    /// <param name="bytes">The values; an incomplete one at the end does not count.</param>
    /// <param name="size">Bytes of one value, at least 1.</param>
    /// <param name="read">Reads one value; a static function, so that nothing is allocated.</param>
    public ValueList(ReadOnlySpan<byte> bytes, int size, ValueReader<T> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        _bytes = bytes;
        _size = size;
        _read = read;
        Count = bytes.Length / size;
    }

    /// <summary>The number of values.</summary>
    public int Count { get; }

    /// <summary>The value at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such value.</exception>
    public T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                ViewFaults.ThrowIndex(index, Count);
            return _read(_bytes.Slice(index * _size, _size));
        }
    }

    /// <summary>Walks through the values in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>A walk through the values of a list.</summary>
    public ref struct Enumerator
    {
        private readonly ValueList<T> _list;
        private int _index;

        internal Enumerator(ValueList<T> list)
        {
            _list = list;
            _index = -1;
        }

        /// <summary>The value that the walk has come to.</summary>
        public readonly T Current => _list[_index];

        /// <summary>Goes on to the next value.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext() => ++_index < _list.Count;
    }
}

/// <summary>What can be done with lists of values that stand on their own.</summary>
/// <example><code>
/// byte[] pages = [1, 0, 2, 0, 3, 0];
/// var list = new ValueList&lt;ushort&gt;(pages, sizeof(ushort), static bytes =&gt; BinaryPrimitives.ReadUInt16LittleEndian(bytes));
/// Console.WriteLine(string.Join(' ', list.ToArray()));
/// </code></example>
public static class ValueListExtensions
{
    /// <summary>Copies the values out.</summary>
    /// <typeparam name="T">The type of one value.</typeparam>
    /// <param name="list">The values.</param>
    public static T[] ToArray<T>(this ValueList<T> list)
    {
        if (list.Count == 0)
            return [];
        var values = new T[list.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = list[i];
        return values;
    }
}
