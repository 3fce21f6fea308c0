namespace BootProtocol;

/// <summary>A generated view of a structure's bytes.</summary>
/// <typeparam name="TSelf">The view itself.</typeparam>
/// <example><code>
/// static T First&lt;T&gt;(ReadOnlySpan&lt;byte&gt; bytes)
///     where T : IView&lt;T&gt;, allows ref struct =&gt; T.View(bytes[..T.SizeOf(WordSize.Bits64)], WordSize.Bits64);
///
/// Console.WriteLine(First&lt;ElfHeader&gt;(kernel.Bytes.Read(0, ElfHeader.Layout.Size64)).Machine);
/// </code></example>
public interface IView<TSelf>
    where TSelf : IView<TSelf>, allows ref struct
{
    /// <summary>Looks at bytes as the structure, without a check of constants or version.</summary>
    /// <param name="bytes">At least <see cref="SizeOf"/> bytes; what goes beyond the structure is left out.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    static abstract TSelf View(ReadOnlySpan<byte> bytes, WordSize word);

    /// <summary>The size of the structure in bytes, trailing alignment included.</summary>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    static abstract int SizeOf(WordSize word);
}
