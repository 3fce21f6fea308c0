using System.Collections.Immutable;
using System.Runtime.InteropServices;
using BootProtocol.Elf;

namespace BootProtocol.Relocate;

/// <summary>The relocation lists that a Linux kernel's build appends to its ELF file (<c>CONFIG_RELOCATABLE</c> and KASLR).</summary>
/// <remarks>
/// <para>
/// The table goes from the exact end of the ELF file to the end of the payload. It is made to be read backwards, so a zero stands
/// before each list: zero and the 64-bit list; zero and the list of what shrinks, up to Linux 6.14; zero and the 32-bit list. Kernels of
/// 32 bits have the last one only. A list may be empty. Nothing in a list says which one it is, so the number of zeroes decides.
/// </para>
/// <para>Source: arch/x86/tools/relocs.c and arch/x86/boot/compressed/misc.c of Linux.</para>
/// </remarks>
/// <example><code>
/// if (kernel.Relocations is { } table)
///     Console.WriteLine($"{table.Length} bytes of relocations at 0x{table.Offset:x}, {table.Count(RelocationKind.Add64)} of 64 bits");
/// </code></example>
public sealed class RelocationTable
{
    private const string Structure = "relocations";
    private const int EntrySize = sizeof(uint);

    private static readonly ImmutableArray<RelocationKind> _one = [RelocationKind.Add32];
    private static readonly ImmutableArray<RelocationKind> _two = [RelocationKind.Add64, RelocationKind.Add32];
    private static readonly ImmutableArray<RelocationKind> _three =
        [RelocationKind.Add64, RelocationKind.Subtract32, RelocationKind.Add32];

    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ImmutableArray<(long Offset, int Count)> _lists;

    private RelocationTable(KernelBytes bytes, WordSize word, long offset, ImmutableArray<(long Offset, int Count)> lists)
    {
        _bytes = bytes;
        _word = word;
        Offset = offset;
        _lists = lists;
        Kinds = KindsOf(lists.Length);
    }

    /// <summary>Where the table starts in the kernel's bytes, in bytes. It goes to their end.</summary>
    public long Offset { get; }

    /// <summary>The table's bytes, its zeroes included.</summary>
    public long Length => _bytes.Length - Offset;

    /// <summary>The kinds of the lists that there are, in their order; a list may be empty all the same.</summary>
    public ImmutableArray<RelocationKind> Kinds { get; }

    /// <summary>The places of a kind; empty if there is no such list.</summary>
    public RelocationList this[RelocationKind kind]
    {
        get
        {
            int index = Kinds.IndexOf(kind);
            if (index < 0)
                return default;
            (long offset, int count) = _lists[index];
            return new RelocationList(_bytes.Read(offset, (long)count * EntrySize), _word);
        }
    }

    /// <summary>The number of places of a kind; null if there is no such list.</summary>
    public int? Count(RelocationKind kind)
    {
        int index = Kinds.IndexOf(kind);
        return index < 0 ? null : _lists[index].Count;
    }

    /// <summary>Reads the table behind an ELF file.</summary>
    /// <param name="kernel">The kernel; its bytes must end where the payload ends.</param>
    /// <returns>The table; null if nothing is appended, as for a kernel that cannot be moved.</returns>
    /// <exception cref="BootFormatException">The sections are broken, or what is appended is no such table.</exception>
    public static RelocationTable? Read(ElfFile kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return Read(kernel.Bytes, kernel.EndOfFile, kernel.Word);
    }

    /// <summary>Reads the table at a place.</summary>
    /// <param name="bytes">The kernel's bytes; they must end where the payload ends.</param>
    /// <param name="offset">Where the ELF file exactly ends.</param>
    /// <param name="word">The word size of the kernel.</param>
    /// <returns>The table; null if nothing is appended.</returns>
    /// <exception cref="BootFormatException">What is appended is no such table.</exception>
    public static RelocationTable? Read(KernelBytes bytes, long offset, WordSize word)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        long length = bytes.Length - offset;
        if (length == 0)
            return null;
        if (length % EntrySize != 0)
            throw new BootFormatException(
                BootErrorCode.WrongSize, Structure, "", offset, "32-bit numbers behind the ELF file", ElfFaults.Text($"{length} bytes"));
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes.Read(offset, length));
        if (words[0] != 0)
            throw new BootFormatException(BootErrorCode.Malformed, Structure, "", offset, "a zero before the first list", $"0x{words[0]:x}");
        return new RelocationTable(bytes, word, offset, Split(words, offset, word));
    }

    private static ImmutableArray<(long Offset, int Count)> Split(ReadOnlySpan<uint> words, long offset, WordSize word)
    {
        (int least, int most) = word == WordSize.Bits32 ? (1, 1) : (2, 3);
        int zeroes = words.Count(0u);
        if (zeroes < least || zeroes > most)
        {
            string expected = least == most ? "one list in a 32-bit kernel" : "two or three lists in a 64-bit kernel";
            throw new BootFormatException(BootErrorCode.Malformed, Structure, "", offset, expected, ElfFaults.Text($"{zeroes}, each with a zero before it"));
        }

        var lists = ImmutableArray.CreateBuilder<(long Offset, int Count)>(zeroes);
        int at = 0;
        while (at < words.Length)
        {
            ReadOnlySpan<uint> rest = words[(at + 1)..];
            int next = rest.IndexOf(0u);
            int count = next < 0 ? rest.Length : next;
            lists.Add((offset + ((at + 1L) * EntrySize), count));
            at += 1 + count;
        }

        return lists.MoveToImmutable();
    }

    private static ImmutableArray<RelocationKind> KindsOf(int lists) => lists switch
    {
        1 => _one,
        2 => _two,
        _ => _three,
    };
}
