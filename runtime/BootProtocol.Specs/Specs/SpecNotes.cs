using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>The ELF notes of one owner, as data.</summary>
/// <example><code>
/// SpecNotes notes = SpecCatalog.FindNotes("xen_notes") ?? XenNotes.Layout.Info;
/// Console.WriteLine($"{notes.Notes.Length} notes of {notes.Owner}");
/// </code></example>
public sealed class SpecNotes
{
    /// <summary>The block's name.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What the notes are for.</summary>
    public required string Doc { get; init; }

    /// <summary>The owner's name in the note (without its NUL).</summary>
    public required string Owner { get; init; }

    /// <summary>The known notes, in order of type number.</summary>
    public required ImmutableArray<SpecNote> Notes { get; init; }
}
