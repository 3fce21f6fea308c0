using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Specs;

/// <summary>Reads descriptors of ELF notes by a spec's tables, for those who show or compare notes of every kind.</summary>
/// <example><code>
/// foreach (SpecNote note in XenNotes.Layout.Info.Notes)
/// {
///     if (kernel.Notes.TryFindNote(XenNotes.Layout.Owner, note.Number, out ReadOnlySpan&lt;byte&gt; descriptor))
///         Console.WriteLine($"{note.Name} = {SpecNoteReader.Read(note, descriptor, kernel.Notes.Word)}");
/// }
/// </code></example>
public static class SpecNoteReader
{
    /// <summary>Reads a descriptor.</summary>
    /// <param name="note">The note's table.</param>
    /// <param name="descriptor">The descriptor, without padding.</param>
    /// <param name="word">The word size of the note's file.</param>
    /// <returns>The value; plain bytes if the descriptor has another size than such notes have.</returns>
    public static SpecValue Read(SpecNote note, ReadOnlySpan<byte> descriptor, WordSize word)
    {
        ArgumentNullException.ThrowIfNull(note);
        switch (note.Kind)
        {
            case SpecNoteKind.Text:
                return new SpecText(Encoding.UTF8.GetString(FieldText.Cut(descriptor)));
            case SpecNoteKind.Number when descriptor.Length is 1 or 2 or 4 or 8:
                return SpecReader.FromNumber(note.ValueKind, note.Enumeration, descriptor, note.IsBigEndian);
            case SpecNoteKind.Numbers:
                int size = note.ElementSize == 0 ? (int)word / 8 : note.ElementSize;
                return descriptor.Length % size == 0 ? ReadNumbers(note, descriptor, size) : new SpecBytes([.. descriptor]);
            case SpecNoteKind.Structure when note.Structure is { } structure && structure().Variant(word).Size <= descriptor.Length:
                return SpecReader.Read(structure(), descriptor, word);
            default:
                return new SpecBytes([.. descriptor]);
        }
    }

    private static SpecArray ReadNumbers(SpecNote note, ReadOnlySpan<byte> descriptor, int size)
    {
        ImmutableArray<SpecValue>.Builder elements = ImmutableArray.CreateBuilder<SpecValue>(descriptor.Length / size);
        for (; !descriptor.IsEmpty; descriptor = descriptor[size..])
            elements.Add(SpecReader.FromNumber(note.ValueKind, note.Enumeration, descriptor[..size], note.IsBigEndian));
        return new SpecArray(elements.MoveToImmutable());
    }
}
