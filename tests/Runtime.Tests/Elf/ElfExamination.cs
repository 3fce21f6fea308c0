using BootProtocol.Elf;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Asks an ELF file everything that can be asked. Each question may end with the one exception, and with no other.</summary>
internal sealed class ElfExamination
{
    private ElfExamination()
    {
    }

    /// <summary>How many questions had an answer.</summary>
    public int Answers { get; private set; }

    /// <summary>How many ended with the exception.</summary>
    public int Refusals { get; private set; }

    /// <summary>What the first of these exceptions says; empty if there was none.</summary>
    public string First { get; private set; } = "";

    public static ElfExamination Of(ReadOnlyMemory<byte> bytes)
    {
        var examination = new ElfExamination();
        ElfFile? file = null;
        examination.Ask(() => file = ElfFile.Open(KernelBytes.FromMemory(bytes)));
        if (file is not null)
            examination.AskAll(file);
        return examination;
    }

    private void AskAll(ElfFile file)
    {
        Ask(() =>
        {
            foreach (Segment segment in file.Segments)
                _ = segment.Type == SegmentType.Null ? 0 : file.Read(segment).Length;
        });
        Ask(() => _ = file.LoadSegments.Length);
        Ask(() =>
        {
            foreach (Section section in file.Sections)
                _ = section.Bytes.Length;
        });
        Ask(() =>
        {
            foreach (Section section in file.Sections)
                _ = section.Name;
        });
        Ask(() => _ = file.Sections.TryFind("__xen_guest", out _));
        Ask(() =>
        {
            if (file.Symbols is not { } symbols)
                return;
            foreach (SymbolEntry symbol in symbols)
                _ = symbol.Name;
        });
        Ask(() => _ = file.Symbols?.TryFind("linux_banner", out _));
        Ask(() => _ = file.EndOfFile);
        Ask(() => Describe(file.Notes.InSegments));
        Ask(() => Describe(file.Notes.All));
        Ask(() => _ = file.Notes.XenGuest?.Pairs.Length);
        foreach (SpecNote note in XenNotes.Layout.Info.Notes)
            Ask(() => _ = file.Notes.TryFindNote("Xen", note.Number, out _));
        AskXen(file);
        Ask(() => _ = file.Notes.Gnu.BuildId.Length);
        Ask(() => _ = file.Notes.Linux.BuildSalt);
        Ask(() => _ = BootWays.Of(file).Length);
        Ask(() => _ = RelocationTable.Read(file)?.Kinds.Length);
    }

    private void AskXen(ElfFile file)
    {
        Ask(() => _ = file.Notes.Xen.Entry);
        Ask(() => _ = file.Notes.Xen.Phys32Entry);
        Ask(() => _ = file.Notes.Xen.L1MfnValid);
        Ask(() => _ = file.Notes.Xen.PaeMode);
        Ask(() => _ = XenFeatureSet.Read(file));
        Ask(() => _ = XenRelocation.Read(file));
        Ask(() => _ = XenGuestParameters.Read(file));
    }

    private static void Describe(IEnumerable<Note> notes)
    {
        foreach (Note note in notes)
            _ = note.Owner.Length + note.Descriptor.Length;
    }

    private void Ask(Action question)
    {
        try
        {
            question();
            Answers++;
        }
        catch (BootFormatException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            First = Refusals++ == 0 ? refusal.Message : First;
        }
    }
}
