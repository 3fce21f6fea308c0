using System.Buffers.Binary;

namespace BootProtocol.Relocate;

/// <summary>The places of one kind, each read where it stands.</summary>
/// <example><code>
/// RelocationList places = kernel.Relocations![RelocationKind.Add64];
/// foreach (Vaddr place in places)
///     Console.WriteLine(place);
/// </code></example>
public readonly ref struct RelocationList
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly WordSize _word;

    internal RelocationList(ReadOnlySpan<byte> bytes, WordSize word)
    {
        _bytes = bytes;
        _word = word;
    }

    /// <summary>The number of places.</summary>
    public int Count => _bytes.Length / sizeof(uint);

    /// <summary>
    /// The virtual address, as linked, of a place. The list stores its lower 32 bits; those of a 64-bit kernel are extended with the
    /// sign. Whether it lies in the kernel is not known here.
    /// </summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public Vaddr this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                ViewFaults.ThrowIndex(index, Count);
            int low = BinaryPrimitives.ReadInt32LittleEndian(_bytes[(index * sizeof(uint))..]);
            return new Vaddr(_word == WordSize.Bits32 ? (uint)low : unchecked((ulong)(long)low));
        }
    }

    /// <summary>The list as it is stored: 32-bit numbers, least significant byte first, without the one that ends the list.</summary>
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>Walks through the places in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>A walk through the places of a list.</summary>
    public ref struct Enumerator
    {
        private readonly RelocationList _list;
        private int _index;

        internal Enumerator(RelocationList list)
        {
            _list = list;
            _index = -1;
        }

        /// <summary>The place that the walk has come to.</summary>
        public readonly Vaddr Current => _list[_index];

        /// <summary>Goes on to the next place.</summary>
        /// <returns>False if there is none.</returns>
        public bool MoveNext() => ++_index < _list.Count;
    }
}
