using System.Text.RegularExpressions;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Architecture;

/// <summary>
/// Structures are read by the views of the specs. Where a number is read by hand all the same, the file stands here with how often, and why:
/// another one is a reason to write a row of a spec instead.
/// </summary>
public sealed partial class RawReadTests
{
    /// <summary>The folder of the views and of the reader of tables, which are what reads.</summary>
    private const string Views = "BootProtocol.Specs/";

    private const string Bits = "a decoder's bits and words, whose place the data decides";
    private const string Entries = "one number of a list of them, addressed by its index";
    private const string Moved = "a number of a width that the place says, added to where it stands";
    private const string Word = "a single word between parts that have no structure";

    private static readonly (string File, int Count, string Reason)[] _known =
    [
        ("BootProtocol/Decompress/Bzip2/Bzip2BitReader.cs", 1, Bits),
        ("BootProtocol/Decompress/Bzip2/Bzip2Bits.cs", 2, Bits),
        ("BootProtocol/Decompress/Lzma/LzmaState.cs", 1, Bits),
        ("BootProtocol/Decompress/Xz/Lzma2State.cs", 3, Bits),
        ("BootProtocol/Decompress/Xz/X86BranchFilter.cs", 1, Bits),
        ("BootProtocol/Domains/PvhEntryNote.cs", 2, Moved),
        ("BootProtocol/Elf/NoteWalker.cs", 1, Word),
        ("BootProtocol/Hashes/Sha1.cs", 1, Bits),
        ("BootProtocol/Hashes/Sha256.cs", 1, Bits),
        ("BootProtocol/Hashes/Sha512.cs", 1, Bits),
        ("BootProtocol/Images/ImageChecksum.cs", 1, Word),
        ("BootProtocol/Memory/PageTable.cs", 1, Entries),
        ("BootProtocol/Relocate/RelocationList.cs", 1, Entries),
        ("BootProtocol/Relocate/Relocator.cs", 2, Moved),
        ("BootProtocol/Relocate/StrongRandom.cs", 1, "random bytes, which have no structure"),
        ("BootProtocol/Symbols/NumberList.cs", 3, Entries),
        ("BootProtocol/Verify/AddressSpace.cs", 1, Entries),
        ("BootProtocol/Verify/StartInfoCheck.cs", 2, Entries),
        ("BootProtocol.Xen/Domains/PvDomainReader.cs", 2, Entries),
    ];

    [Fact]
    public void Numbers_are_read_by_hand_where_a_reason_says_so()
    {
        string runtime = Path.GetDirectoryName(Repository.File("runtime", "BootProtocol"))!;
        IEnumerable<string> found = Directory.EnumerateFiles(runtime, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Name: Path.GetRelativePath(runtime, path).Replace('\\', '/'), Count: Read().Count(File.ReadAllText(path))))
            .Where(file => file.Count > 0 && !file.Name.StartsWith(Views, StringComparison.Ordinal))
            .Select(file => $"{file.Name} {file.Count}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(_known.Select(file => $"{file.File} {file.Count}").Order(StringComparer.Ordinal), found);
    }

    [GeneratedRegex(@"BinaryPrimitives\.(?:Try)?Read|MemoryMarshal\.Read|BitConverter\.To")]
    private static partial Regex Read();
}
