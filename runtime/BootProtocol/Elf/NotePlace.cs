namespace BootProtocol.Elf;

/// <summary>What leads to a note.</summary>
public enum NotePlace
{
    /// <summary>A program header (PT_NOTE).</summary>
    Segment,

    /// <summary>A section header (SHT_NOTE), and no program header.</summary>
    Section,
}
