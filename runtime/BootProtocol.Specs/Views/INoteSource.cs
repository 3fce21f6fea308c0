namespace BootProtocol;

/// <summary>Where ELF notes come from.</summary>
/// <example><code>
/// INoteSource source = kernel.Notes;
/// if (source.TryFindNote("Xen", XenNotes.Number.Phys32Entry, out ReadOnlySpan&lt;byte&gt; descriptor))
///     Console.WriteLine($"{descriptor.Length} bytes, in a file of {(int)source.Word} bits");
/// </code></example>
public interface INoteSource
{
    /// <summary>The word size of the notes' file: it decides the size of word arrays and the variant of structures.</summary>
    WordSize Word { get; }

    /// <summary>Finds a note.</summary>
    /// <param name="owner">The owner's name, without its NUL.</param>
    /// <param name="type">The type number.</param>
    /// <param name="descriptor">The note's descriptor, without padding; empty if there is no such note.</param>
    /// <returns>Whether there is such a note. Of several the source's own rule chooses.</returns>
    bool TryFindNote(string owner, uint type, out ReadOnlySpan<byte> descriptor);
}
