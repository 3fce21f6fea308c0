namespace BootProtocol;

/// <summary>A generated view of a structure whose size depends on what is stored.</summary>
/// <typeparam name="TSelf">The view itself.</typeparam>
/// <example><code>
/// static int LengthOf&lt;T&gt;(ReadOnlySpan&lt;byte&gt; bytes, scoped ref ParseError error)
///     where T : IVaryingView&lt;T&gt;, allows ref struct =&gt; T.TryRead(bytes, WordSize.Bits64, out _, out int length, ref error) ? length : 0;
///
/// ParseError error = default;
/// Console.WriteLine(LengthOf&lt;ElfNote&gt;(bytes, ref error));
/// </code></example>
public interface IVaryingView<TSelf>
    where TSelf : IVaryingView<TSelf>, allows ref struct
{
    /// <summary>Looks at bytes as the structure, after a check of constants and of all that says how long it is. Throws nothing.</summary>
    /// <param name="bytes">The structure, from its first byte; what goes beyond it is left out.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    /// <param name="view">The structure; not to be used if this returns false.</param>
    /// <param name="length">
    /// The bytes that it takes, with those that fill it up to its alignment as far as they are there; 0 if this returns false.
    /// </param>
    /// <param name="error">
    /// Why it is none; its offset counts from the structure's start, as the protocol's document does. Left alone if this returns true: a walk through
    /// many structures writes it once.
    /// </param>
    /// <returns>Whether the bytes are such a structure.</returns>
    static abstract bool TryRead(ReadOnlySpan<byte> bytes, WordSize word, out TSelf view, out int length, scoped ref ParseError error);
}
