using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Elf;
using BootProtocol.GnuNotes;
using BootProtocol.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Notes and program properties as the spec alone describes them, against <c>readelf</c> and the reader that takes broken notes, too.</summary>
public sealed partial class NoteSequenceTests
{
    public static TheoryData<string> Kernels => [.. DecodedKernels.All];

    [Theory]
    [InlineData("-m64", "-fcf-protection=full")]
    [InlineData("-m64", "-fcf-protection=branch -Wa,-mx86-used-note=yes")]
    [InlineData("-m64", "-fcf-protection=none -march=x86-64-v3 -Wa,-mx86-used-note=yes")]
    [InlineData("-m32", "-fcf-protection=full -Wa,-mx86-used-note=yes")]
    [InlineData("-m32", "-fcf-protection=return")]
    [Needs(Need.Tools)]
    public void Properties_are_those_of_readelf(string bits, string options)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("thing.c"), "double thing(double a) { return a * 3; }\n");
        ToolRun.Start("gcc", [bits, .. options.Split(' '), "-O2", "-c", "thing.c"], folder.Path).Succeeded();
        string printed = ToolRun.Start("readelf", ["-nW", "thing.o"], folder.Path).Succeeded();
        byte[] file = File.ReadAllBytes(folder.File("thing.o"));
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(file));
        var seen = new List<string>();
        foreach (Section section in elf.Sections)
        {
            if (section.Name != ".note.gnu.property")
                continue;
            foreach (ElfNote note in ElfNotes.Parse(section.Bytes).Notes)
            {
                Assert.Equal("GNU"u8, note.Owner);
                seen.Add($"GNU 0x{note.Descriptor.Length:x8}");
                foreach (GnuProperty property in GnuProperties.Parse(note.Descriptor, elf.Word).Properties)
                {
                    Assert.Equal(sizeof(uint), property.PrData.Length);
                    seen.Add(Name(property.PrType));
                }
            }
        }

        IEnumerable<string> expected = Line().Matches(printed)
            .Select(static match => match.Groups[1].Success ? $"GNU 0x{match.Groups[1].Value}" : match.Groups[2].Value);
        Assert.Equal(expected, seen);
        Assert.NotEmpty(seen);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    [Needs(Need.Kernels)]
    public void Notes_of_kernels_are_the_same(string name)
    {
        byte[] file = DecodedKernels.Bytes(name);
        int count = 0;
        foreach (Note note in ElfFile.Open(KernelBytes.FromMemory(file)).Notes.InSegments)
        {
            // Padding to 8 bytes, and descriptors that end before they should, are beyond the structure.
            bool isPlain = !note.IsClipped && note.DescriptorOffset - note.Offset == ((NoteHeader.Layout.Size + note.OwnerBytes.Length + 4) & ~3);
            if (!isPlain)
                continue;
            ElfNote read = ElfNote.Parse(file.AsSpan((int)note.Offset));
            Assert.Equal(note.OwnerBytes, read.Owner);
            Assert.Equal(note.Descriptor, read.Descriptor);
            Assert.Equal(note.Type, read.Header.Type);
            count++;
        }

        Assert.NotEqual(0, count);
    }

    /// <summary>How <c>readelf</c> begins what it says of a property.</summary>
    private static string Name(GnuPropertyType type) => type switch
    {
        GnuPropertyType.X86Feature1And => "x86 feature",
        GnuPropertyType.X86Feature2Used => "x86 feature used",
        GnuPropertyType.X86Isa1Used => "x86 ISA used",
        GnuPropertyType.X86Isa1Needed => "x86 ISA needed",
        _ => string.Create(CultureInfo.InvariantCulture, $"{type}"),
    };

    [GeneratedRegex(@"GNU\s+0x([0-9a-f]{8})\s+NT_GNU_PROPERTY_TYPE_0|(x86 [A-Za-z ]+):")]
    private static partial Regex Line();
}
