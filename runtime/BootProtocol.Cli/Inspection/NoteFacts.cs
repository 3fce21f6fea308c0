using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>Reads a kernel's notes by the tables of the specs.</summary>
internal static class NoteFacts
{
    /// <summary>The most bytes of all descriptors together that are shown, 16 MiB: notes can share theirs, and be many.</summary>
    private const int MaximumTotal = 16 << 20;

    private static readonly Lazy<Dictionary<(string Owner, uint Type), SpecNote>> _known = new(static () =>
    {
        var known = new Dictionary<(string, uint), SpecNote>();
        foreach (SpecNotes notes in SpecCatalog.Notes)
        {
            foreach (SpecNote note in notes.Notes)
                known.TryAdd((notes.Owner, note.Number), note);
        }

        return known;
    });

    /// <summary>Reads the notes that count.</summary>
    /// <remarks>
    /// Where segments hold notes, a compressed kernel is not decoded further for the same notes in its sections. Without any, sections
    /// are looked at, and so they are where nothing has to be decoded for it.
    /// </remarks>
    /// <param name="kernel">The kernel.</param>
    /// <param name="faults">Where broken notes are listed; those before them are read.</param>
    /// <exception cref="BootFormatException">There is too much of them, or the kernel cannot be decoded.</exception>
    public static IReadOnlyList<NoteFact> Read(Kernel kernel, FaultList faults)
    {
        NoteTable table = kernel.Notes;
        bool isInMemory = kernel.Payload.Format == PayloadFormat.None;
        ImmutableArray<Note> notes = table.ReadIntact(isInMemory, out ImmutableArray<ParseError> broken);
        bool withSections = isInMemory || notes.IsEmpty;
        if (!isInMemory && withSections && broken.IsEmpty)
            notes = table.ReadIntact(withSections, out broken);
        if (kernel.Elf.Kind != ElfFileKind.SeparateDebug)
            faults.Add(broken);
        var facts = new List<NoteFact>();
        long total = 0;
        foreach (Note note in notes)
        {
            total += note.DescriptorSize + note.OwnerBytes.Length;
            if (total > MaximumTotal)
            {
                string expected = string.Create(CultureInfo.InvariantCulture, $"at most {MaximumTotal} bytes of notes in all");
                throw new BootFormatException(BootErrorCode.TooLarge, "elf", "notes", note.Offset, expected, "more");
            }

            facts.Add(Describe(note, table.Word));
        }

        if (withSections && broken.IsEmpty && table.XenGuest is { } legacy)
        {
            foreach ((string key, string value) in legacy.Pairs)
                facts.Add(new NoteFact(XenGuestString.SectionName, null, key, new SpecText(value), null));
        }

        return facts;
    }

    private static NoteFact Describe(Note note, WordSize word)
    {
        string owner = note.Owner;
        byte[] descriptor = note.Descriptor.ToArray();
        return _known.Value.TryGetValue((owner, note.Type), out SpecNote? known)
            ? new NoteFact(owner, note.Type, known.Name, SpecNoteReader.Read(known, descriptor, word), descriptor)
            : new NoteFact(owner, note.Type, null, null, descriptor);
    }
}
