namespace BootProtocol;

/// <summary>Structures one after the other, each read where it stands.</summary>
/// <typeparam name="T">The view of one structure.</typeparam>
/// <example><code>
/// ViewList&lt;BootE820Entry&gt; map = linux.BootParams.E820Table;
/// foreach (BootE820Entry entry in map)
///     Console.WriteLine($"{entry.Addr} 0x{entry.Size:x} {entry.Type}");
/// </code></example>
public readonly ref struct ViewList<T>
    where T : IView<T>, allows ref struct
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly WordSize _word;
    private readonly int _size;

    /// <summary>Looks at bytes as structures.</summary>
    /// <param name="bytes">The structures; an incomplete one at the end does not count.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    public ViewList(ReadOnlySpan<byte> bytes, WordSize word)
    {
        _bytes = bytes;
        _word = word;
        _size = T.SizeOf(word);
        Count = bytes.Length / _size;
    }

    /// <summary>The number of structures.</summary>
    public int Count { get; }

    /// <summary>The structure at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such structure.</exception>
    public T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                ViewFaults.ThrowIndex(index, Count);
            return T.View(_bytes.Slice(index * _size, _size), _word);
        }
    }

    /// <summary>Walks through the structures in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>A walk through the structures of a list.</summary>
    public ref struct Enumerator
    {
        private readonly ViewList<T> _list;
        private int _index;

        internal Enumerator(ViewList<T> list)
        {
            _list = list;
            _index = -1;
        }

        /// <summary>The structure that the walk has come to.</summary>
        public readonly T Current => _list[_index];

        /// <summary>Goes on to the next structure.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext() => ++_index < _list.Count;
    }
}
