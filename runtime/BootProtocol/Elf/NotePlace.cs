namespace BootProtocol.Elf;

/// <summary>What leads to a note.</summary>
/// <example><code>
/// int segments = kernel.Notes.All.Count(note =&gt; note.Place == NotePlace.Segment);
/// Console.WriteLine($"{segments} notes in segments");
/// </code></example>
public enum NotePlace
{
    /// <summary>A program header (PT_NOTE).</summary>
    Segment,

    /// <summary>A section header (SHT_NOTE), and no program header.</summary>
    Section,
}
