namespace BootProtocol.Specs;

/// <summary>How the descriptor of an ELF note is read.</summary>
/// <example><code>
/// foreach (SpecNote note in XenNotes.Layout.Info.Notes.Where(note =&gt; note.Kind == SpecNoteKind.Text))
///     Console.WriteLine($"{note.Name} is a text");
/// </code></example>
public enum SpecNoteKind
{
    /// <summary>A text; a NUL ends it, but may be missing.</summary>
    Text,

    /// <summary>A number of 1, 2, 4 or 8 bytes, by the descriptor's own size.</summary>
    Number,

    /// <summary>Numbers of a fixed size, as many as the descriptor holds.</summary>
    Numbers,

    /// <summary>Plain bytes.</summary>
    Bytes,

    /// <summary>A structure of the spec.</summary>
    Structure,
}
