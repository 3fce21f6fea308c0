using System.Collections.Immutable;
using System.Text;
using BootProtocol.GnuNotes;
using BootProtocol.LinuxNotes;
using BootProtocol.Xen;

namespace BootProtocol.Elf;

/// <summary>The notes of an ELF file, in the order in which Xen's loader accepts them.</summary>
/// <remarks>
/// An owner's notes are those in segments; if it has none there, those in sections; if <c>Xen</c> has none there either, what the
/// section <c>__xen_guest</c> says. Of several notes of one type the last one counts. Sections are not looked at, and a kernel is not
/// decoded to its end, where segments have the answer.
/// </remarks>
/// <example><code>
/// NoteTable notes = kernel.Notes;
/// Console.WriteLine($"PVH entry {notes.Xen.Phys32Entry}, {notes.All.Length} notes, of Linux: {notes.HasNotes("Linux")}");
/// </code></example>
public sealed class NoteTable : INoteSource
{
    /// <summary>The most bytes of a descriptor, 1 MiB.</summary>
    public const int MaximumDescriptorSize = 1 << 20;

    private readonly ElfFile _file;
    private ImmutableArray<Note> _inSegments;
    private ImmutableArray<Note> _inSections;
    private XenGuestString? _legacy;
    private bool _hasReadLegacy;

    internal NoteTable(ElfFile file) => _file = file;

    /// <inheritdoc/>
    public WordSize Word => _file.Word;

    /// <summary>The notes that program headers lead to. A header whose file offset is 0 was left unfilled, and leads nowhere.</summary>
    /// <exception cref="BootFormatException">A note does not lie where it should, or there are more than the limits allow.</exception>
    public ImmutableArray<Note> InSegments => _inSegments.IsDefault ? _inSegments = ReadSegments() : _inSegments;

    /// <summary>The notes that only section headers lead to.</summary>
    /// <remarks>A section that does not lie in the file has none; the list of sections has that among its faults.</remarks>
    /// <exception cref="BootFormatException">A note does not lie where it should, or there are more than the limits allow.</exception>
    public ImmutableArray<Note> InSections => _inSections.IsDefault ? _inSections = ReadSections() : _inSections;

    /// <summary>All notes: those in segments, then those in sections.</summary>
    /// <exception cref="BootFormatException">As for <see cref="InSections"/>.</exception>
    public ImmutableArray<Note> All => [.. InSegments, .. InSections];

    /// <summary>Reads what is intact of the notes, for a caller that shows a broken file: of each region the notes up to its first fault.</summary>
    /// <param name="withSections">Whether to read those in sections, too.</param>
    /// <param name="faults">What is broken; empty if nothing is.</param>
    /// <returns>The notes in segments, then those in sections.</returns>
    public ImmutableArray<Note> ReadIntact(bool withSections, out ImmutableArray<ParseError> faults)
    {
        var notes = new List<Note>();
        var found = new List<ParseError>();
        WalkSegments(notes, found);
        ImmutableArray<Note> inSections = [];
        if (withSections)
        {
            var more = new List<Note>();
            WalkSections(notes.Count, more, found);
            inSections = New(more, notes);
        }

        faults = [.. found.Take(ElfFaults.MaximumListed)];
        return [.. notes, .. inSections];
    }

    /// <summary>What the section <c>__xen_guest</c> says; null if there is none, or if there are notes of Xen, which replace it.</summary>
    /// <exception cref="BootFormatException">The sections or the text are broken.</exception>
    public XenGuestString? XenGuest
    {
        get
        {
            if (!_hasReadLegacy)
            {
                _legacy = HasNotes(XenNotes.Layout.Owner) ? null : XenGuestString.Find(_file);
                _hasReadLegacy = true;
            }

            return _legacy;
        }
    }

    /// <summary>Xen's notes, with those that <see cref="XenGuest"/> stands for.</summary>
    public XenNotes Xen => new(this);

    /// <summary>The toolchain's notes.</summary>
    public GnuElfNotes Gnu => new(this);

    /// <summary>Linux's notes.</summary>
    public LinuxElfNotes Linux => new(this);

    /// <summary>Whether an owner has notes.</summary>
    /// <param name="owner">The owner's name, without its NUL.</param>
    /// <exception cref="BootFormatException">As for <see cref="InSections"/>.</exception>
    public bool HasNotes(string owner)
    {
        byte[] name = Encoding.UTF8.GetBytes(owner);
        return HasNotes(InSegments, name) || HasNotes(InSections, name);
    }

    /// <inheritdoc/>
    /// <exception cref="BootFormatException">As for <see cref="InSections"/>.</exception>
    public bool TryFindNote(string owner, uint type, out ReadOnlySpan<byte> descriptor)
    {
        byte[] name = Encoding.UTF8.GetBytes(owner);
        ImmutableArray<Note> notes = HasNotes(InSegments, name) ? InSegments : InSections;
        for (int i = notes.Length - 1; i >= 0; i--)
        {
            if (notes[i].Type == type && notes[i].OwnerBytes.SequenceEqual(name))
            {
                descriptor = notes[i].Descriptor;
                return true;
            }
        }

        descriptor = default;
        return owner == XenNotes.Layout.Owner && XenGuest is { } legacy && legacy.TryFindNote(owner, type, out descriptor);
    }

    /// <summary>All notes of one type where an owner's notes are, in their order.</summary>
    /// <exception cref="BootFormatException">As for <see cref="InSections"/>.</exception>
    internal List<Note> FindAll(string owner, uint type)
    {
        byte[] name = Encoding.UTF8.GetBytes(owner);
        return [.. (HasNotes(InSegments, name) ? InSegments : InSections).Where(note => note.Type == type && note.OwnerBytes.SequenceEqual(name))];
    }

    private static bool HasNotes(ImmutableArray<Note> notes, ReadOnlySpan<byte> owner)
    {
        foreach (Note note in notes)
        {
            if (note.OwnerBytes.SequenceEqual(owner))
                return true;
        }

        return false;
    }

    private ImmutableArray<Note> ReadSegments()
    {
        var notes = new List<Note>();
        WalkSegments(notes, null);
        return [.. notes];
    }

    private ImmutableArray<Note> ReadSections()
    {
        ImmutableArray<Note> known = InSegments;
        var notes = new List<Note>();
        WalkSections(known.Length, notes, null);
        return New(notes, known);
    }

    private static ImmutableArray<Note> New(List<Note> notes, IReadOnlyCollection<Note> known)
    {
        var places = known.Select(static note => note.Offset).ToHashSet();
        return [.. notes.Where(note => !places.Contains(note.Offset))];
    }

    private void WalkSegments(List<Note> notes, List<ParseError>? faults)
    {
        var walker = new NoteWalker(_file.Bytes, _file.Limits, 0);
        foreach (Segment segment in _file.Segments)
        {
            if (segment.Type != SegmentType.Note || segment.FileOffset == 0 || segment.FileSize == 0)
                continue;
            Walk(faults, () =>
            {
                _file.Segments.Require(segment);
                walker.Walk(NotePlace.Segment, (long)segment.FileOffset, (long)segment.FileSize, segment.Alignment, notes);
            });
        }
    }

    private void WalkSections(int taken, List<Note> notes, List<ParseError>? faults)
    {
        var walker = new NoteWalker(_file.Bytes, _file.Limits, taken);
        foreach (Section section in _file.Sections)
        {
            // A section that lies elsewhere is one of the section list's faults, and says nothing.
            if (section.Type != SectionType.Note || !section.HasBytes || !_file.Sections.IsInFile(section))
                continue;
            Walk(faults, () => walker.Walk(NotePlace.Section, (long)section.FileOffset, (long)section.Size, section.Alignment, notes));
        }
    }

    private static void Walk(List<ParseError>? faults, Action walk)
    {
        try
        {
            walk();
        }
        catch (BootFormatException exception) when (faults is not null)
        {
            faults.Add(exception.Error);
        }
    }
}
