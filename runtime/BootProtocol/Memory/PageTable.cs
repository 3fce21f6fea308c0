using System.Buffers.Binary;
using BootProtocol.X86;

namespace BootProtocol.Memory;

/// <summary>A page table in long mode or with PAE: 512 entries of 8 bytes, little-endian, each for one page or one table below.</summary>
/// <remarks>
/// Everything that writes or follows page tables does it by this, but for the verifier, which must not share an error with what it checks,
/// and for code that runs in a guest. Source: Intel SDM volume 3, 4.4 and 4.5; the bits of entries are those of spec/x86-paging.bootspec.
/// </remarks>
/// <example>
/// <code>
/// byte[] table = new byte[X86Page.Size];
/// PageTable.Write(table, PageTable.IndexOf(0x201000, level: 1), 0x5000, (ulong)(Pte.Present | Pte.Writable));
/// ulong entry = PageTable.Read(table, 1);
/// Console.WriteLine($"{PageTable.IsPresent(entry)}, frame {PageTable.FrameOf(entry)}");
/// </code>
/// </example>
public static class PageTable
{
    /// <summary>Entries of a table.</summary>
    public const int EntryCount = 1 << IndexBits;

    /// <summary>Bits of an address that choose the entry of a table.</summary>
    public const int IndexBits = 9;

    /// <summary>The levels of tables that a guest of Xen PV starts with: four for 64 bits, three for 32 (PAE).</summary>
    /// <param name="word">The guest's word size.</param>
    public static int Levels(WordSize word) => word == WordSize.Bits64 ? 4 : 3;

    /// <summary>The exponent of the number of bytes that one entry is for.</summary>
    /// <param name="level">The table's level: 1 for tables whose entries map pages.</param>
    public static int ShiftOf(int level) => X86Page.Shift + (IndexBits * (level - 1));

    /// <summary>The index of the entry that translates an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="level">The table's level.</param>
    public static int IndexOf(ulong address, int level) => (int)(address >> ShiftOf(level)) & (EntryCount - 1);

    /// <summary>An entry.</summary>
    /// <param name="table">The table.</param>
    /// <param name="index">The entry's index, 0 to 511.</param>
    public static ulong Read(ReadOnlySpan<byte> table, int index) => BinaryPrimitives.ReadUInt64LittleEndian(table[(index * sizeof(ulong))..]);

    /// <summary>Writes an entry.</summary>
    /// <param name="table">The table.</param>
    /// <param name="index">The entry's index, 0 to 511.</param>
    /// <param name="address">The physical or machine address that it refers to: that of a page.</param>
    /// <param name="bits">Its other bits.</param>
    public static void Write(Span<byte> table, int index, ulong address, ulong bits) =>
        BinaryPrimitives.WriteUInt64LittleEndian(table[(index * sizeof(ulong))..], address | bits);

    /// <summary>Whether an entry refers to something.</summary>
    public static bool IsPresent(ulong entry) => (entry & (ulong)Pte.Present) != 0;

    /// <summary>The frame of the page or table that an entry refers to.</summary>
    public static Mfn FrameOf(ulong entry) => new((entry & (ulong)Pte.Frame) >> X86Page.Shift);
}
