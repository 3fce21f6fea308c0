namespace BootProtocol.Specs;

/// <summary>A known ELF note.</summary>
/// <example><code>
/// foreach (SpecNote note in XenNotes.Layout.Info.Notes)
///     Console.WriteLine($"{note.Number} {note.Type} {note.Name}: {note.Doc}");
/// </code></example>
public sealed class SpecNote
{
    /// <summary>The note's type number.</summary>
    public required uint Number { get; init; }

    /// <summary>The note's name, as the protocol spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The type of its descriptor, as the spec writes it.</summary>
    public required string Type { get; init; }

    /// <summary>How its descriptor is read.</summary>
    public required SpecNoteKind Kind { get; init; }

    /// <summary>What kind of value a number is (address, frame, flags ...).</summary>
    public SpecKind ValueKind { get; init; }

    /// <summary>For <see cref="SpecNoteKind.Numbers"/>: bytes of an element; 0 if it is 4 or 8 by the ELF class.</summary>
    public int ElementSize { get; init; }

    /// <summary>For numbers: whether the most significant byte comes first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>What an absent note counts as; null if then it has no value.</summary>
    public ulong? Else { get; init; }

    /// <summary>What the note means.</summary>
    public required string Doc { get; init; }

    /// <summary>For <see cref="SpecNoteKind.Structure"/>: the structure.</summary>
    public Func<SpecStructure>? Structure { get; init; }

    /// <summary>For numbers that are flags or an enumeration: what the values mean.</summary>
    public Func<SpecEnumeration>? Enumeration { get; init; }
}
