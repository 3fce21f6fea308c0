using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BootProtocol;

/// <summary>
/// Structures of varying size one after the other, each found where the one before it ends. To walk through them allocates nothing.
/// </summary>
/// <typeparam name="T">The view of one structure.</typeparam>
/// <remarks>
/// <c>foreach</c> throws at a structure that is broken: nothing behind it can be found. <see cref="Read"/> ends there, and says why.
/// </remarks>
/// <example><code>
/// ViewSequence&lt;ElfNote&gt;.Reader notes = ElfNotes.Parse(bytes).Notes.Read();
/// while (notes.MoveNext())
///     Console.WriteLine($"type {notes.Current.Header.Type}, {notes.Current.Descriptor.Length} bytes");
/// if (notes.Error.IsError)
///     Console.WriteLine(notes.Error);
/// </code></example>
public readonly ref struct ViewSequence<T>
    where T : IVaryingView<T>, allows ref struct
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly WordSize _word;
    private readonly ulong _most;
    private readonly long _start;

    /// <summary>Looks at bytes as structures.</summary>
    /// <param name="bytes">The structures.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    /// <param name="most">How many structures there are at most; with fewer, the bytes end behind the last.</param>
    /// <param name="start">The place of the first byte, for the offsets of errors.</param>
    public ViewSequence(ReadOnlySpan<byte> bytes, WordSize word, ulong most = ulong.MaxValue, long start = 0)
    {
        _bytes = bytes;
        _word = word;
        _most = most;
        _start = start;
    }

    /// <summary>Walks through the structures in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks through the structures in order, up to the first that is broken.</summary>
    public Reader Read() => new(this);

    /// <summary>A walk through structures that ends with an error where one is broken.</summary>
    public ref struct Reader
    {
        private readonly ViewSequence<T> _sequence;
        private ulong _left;
        private int _next;
        private T _current;
        private ParseError _error;

        internal Reader(ViewSequence<T> sequence)
        {
            _sequence = sequence;
            _left = sequence._most;
            _current = default!;
        }

        /// <summary>The structure that the walk has come to.</summary>
        public readonly T Current => _current;

        /// <summary>Where it starts, in bytes from the start of the first.</summary>
        public int Offset { get; private set; }

        /// <summary>The bytes behind the structures that the walk has come to, or those of the one that is broken and of what follows it.</summary>
        public readonly ReadOnlySpan<byte> Rest => _sequence._bytes[_next..];

        /// <summary>Why the walk ended before the bytes did; no error otherwise.</summary>
        public readonly ParseError Error => _error;

        /// <summary>Goes on to the next structure.</summary>
        /// <returns>False if there is none, or if it is broken.</returns>
        public bool MoveNext()
        {
            int at = _next;
            if (!_sequence.TryStep(ref _left, ref _next, out T current, out ParseError error))
            {
                if (error.IsError)
                    Break(error);
                return false;
            }

            _current = current;
            Offset = at;
            return true;
        }

        private void Break(ParseError error)
        {
            _current = default!;
            _error = error;
            _left = 0;
        }
    }

    /// <summary>A walk through structures that throws where one is broken.</summary>
    public ref struct Enumerator
    {
        private readonly ViewSequence<T> _sequence;
        private ulong _left;
        private int _next;
        private T _current;

        internal Enumerator(ViewSequence<T> sequence)
        {
            _sequence = sequence;
            _left = sequence._most;
            _current = default!;
        }

        /// <summary>The structure that the walk has come to.</summary>
        public readonly T Current => _current;

        /// <summary>Goes on to the next structure.</summary>
        /// <returns>False if there is none.</returns>
        /// <exception cref="BootFormatException">It is broken.</exception>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_sequence.TryStep(ref _left, ref _next, out T current, out ParseError error))
            {
                _current = current;
                return true;
            }

            if (error.IsError)
                Break(error);
            return false;
        }

        [DoesNotReturn]
        private static void Break(ParseError error) => throw error.ToException();
    }

    /// <summary>Reads the next structure. All of it inlines, so that a loop keeps the walk in registers: nothing here may need an address.</summary>
    /// <param name="left">How many structures there may still be.</param>
    /// <param name="next">Where the structure starts, and then where it ends; left alone where there is none.</param>
    /// <param name="current">The structure.</param>
    /// <param name="error">Why there is none; no error at the end.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryStep(scoped ref ulong left, scoped ref int next, out T current, scoped out ParseError error)
    {
        error = default;
        if (left == 0 || (uint)next >= (uint)_bytes.Length)
        {
            current = default!;
            return false;
        }

        ReadOnlySpan<byte> rest = _bytes[next..];
        if (!T.TryRead(rest, _word, out current, out int length, ref error))
        {
            error = error.MovedBy(_start + next);
            return false;
        }

        // A structure without bytes has no end: the rest would be an endless number of them.
        next += length == 0 ? rest.Length : length;
        left--;
        return true;
    }
}
