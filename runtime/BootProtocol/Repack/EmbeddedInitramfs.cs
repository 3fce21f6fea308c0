using BootProtocol.Cpio;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Specs;
using BootProtocol.Symbols;

namespace BootProtocol.Repack;

/// <summary>Where the archive lies that is linked into a kernel as the first one that it unpacks.</summary>
/// <param name="Offset">Its place in the file, in bytes.</param>
/// <param name="Length">Its bytes.</param>
/// <remarks>
/// Its size, a word, stands behind it at the next multiple of 8 bytes, and proves the place.
/// Source: usr/initramfs_data.S and INIT_RAM_FS in include/asm-generic/vmlinux.lds.h of Linux.
/// </remarks>
internal readonly record struct EmbeddedInitramfs(int Offset, int Length)
{
    /// <summary>What gen_init_cpio of Linux makes the length of an archive a multiple of.</summary>
    private const int ArchiveUnit = 512;

    private const int SizeAlignment = 8;

    private static ReadOnlySpan<byte> Magic => "070701"u8;

    private static ReadOnlySpan<byte> Trailer => "TRAILER!!!"u8;

    /// <summary>Whether bytes begin an archive that is not packed.</summary>
    public static bool IsArchive(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>Refuses what the kernel cannot unpack: neither an archive nor one that is packed by a method of the kernel's.</summary>
    /// <param name="bytes">The bytes; zeros in front are passed over, as the kernel does.</param>
    /// <exception cref="BootRequestException">They are none; it says what they are.</exception>
    public static void RequireArchive(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> contents = bytes.TrimStart((byte)0);
        bool isPlain = IsArchive(contents) || contents.StartsWith("070702"u8);
        if (isPlain || (PayloadFormats.TryDetect(contents, out PayloadFormat format) && format != PayloadFormat.None))
            return;
        string found = contents.StartsWith("\u007fELF"u8) ? "an ELF file" : ForeignFormats.Name(bytes) ?? "something else";
        throw new BootRequestException(
            BootErrorCode.WrongMagic, "initramfs", "", null, "a cpio archive of the form newc, packed or not: the kernel takes nothing else", found);
    }

    /// <summary>Finds it.</summary>
    /// <param name="elf">The kernel.</param>
    /// <param name="symbols">Its symbols; null if it has none.</param>
    /// <returns>Null if it has none, or none that can be found.</returns>
    public static EmbeddedInitramfs? Find(ElfFile elf, KernelSymbols? symbols)
    {
        ReadOnlySpan<byte> bytes = elf.Bytes.Read(0, elf.Bytes.Length);
        return BySymbols(elf, bytes, symbols) ?? BySearch(elf, bytes);
    }

    /// <summary>What an address of the kernel leads to in its file.</summary>
    /// <param name="elf">The kernel.</param>
    /// <param name="address">The address, as linked.</param>
    /// <param name="length">Bytes of the file from there to the segment's end.</param>
    /// <returns>The place in the file; null if there is none.</returns>
    public static int? FileOffset(ElfFile elf, ulong address, out int length)
    {
        length = 0;
        foreach (Segment segment in elf.LoadSegments)
        {
            if (address < segment.VirtualAddress.Value || address - segment.VirtualAddress.Value >= segment.FileSize)
                continue;
            ulong offset = segment.FileOffset + (address - segment.VirtualAddress.Value);
            ulong end = Math.Min(segment.FileOffset + segment.FileSize, (ulong)elf.Bytes.Length);
            if (offset >= end)
                return null;
            length = (int)(end - offset);
            return (int)offset;
        }

        return null;
    }

    private static EmbeddedInitramfs? BySymbols(ElfFile elf, ReadOnlySpan<byte> bytes, KernelSymbols? symbols)
    {
        if (symbols is null || !symbols.TryFind("__initramfs_start", out KernelSymbol start) || !symbols.TryFind("__initramfs_size", out KernelSymbol size))
            return null;
        if (FileOffset(elf, start.Address.Value, out _) is not { } first || FileOffset(elf, size.Address.Value, out _) is not { } last)
            return null;
        return SizeAt(bytes, last, elf.Word) is { } length && IsSizeAt(bytes, first, length, elf.Word) && Behind(first, length) == last
            ? new EmbeddedInitramfs(first, (int)length)
            : null;
    }

    private static EmbeddedInitramfs? BySearch(ElfFile elf, ReadOnlySpan<byte> bytes)
    {
        // Where the archive ends that an entry belongs to; 0 if it has no end. So each entry is read once, however many archives seem to lead to it.
        var ends = new Dictionary<int, int>();
        for (int at = 0; at < bytes.Length && bytes[at..].IndexOf(Magic) is var distance and >= 0; at++)
        {
            at += distance;
            if (at % sizeof(uint) != 0 || ArchiveEnd(bytes, at, ends) is not (> 0 and var end))
                continue;
            int length = end - at;
            int whole = (length + ArchiveUnit - 1) & -ArchiveUnit;
            if (IsSizeAt(bytes, at, whole, elf.Word))
                return new EmbeddedInitramfs(at, whole);
            if (IsSizeAt(bytes, at, length, elf.Word))
                return new EmbeddedInitramfs(at, length);
        }

        return null;
    }

    /// <summary>Where an archive's trailer ends; 0 if it has none.</summary>
    /// <param name="bytes">All bytes.</param>
    /// <param name="start">Its first entry, at a multiple of 4 bytes.</param>
    /// <param name="ends">The ends of archives by entries that were read; those of this one are added.</param>
    private static int ArchiveEnd(ReadOnlySpan<byte> bytes, int start, Dictionary<int, int> ends)
    {
        int end;
        var read = new List<int>();
        ViewSequence<CpioEntry>.Reader entries = new ViewSequence<CpioEntry>(bytes[start..], WordSize.Bits64).Read();
        for (int at = start; !ends.TryGetValue(at, out end) && entries.MoveNext(); at = bytes.Length - entries.Rest.Length)
        {
            read.Add(at);
            if (!IsTrailer(entries.Current.Name))
                continue;
            end = bytes.Length - entries.Rest.Length;
            break;
        }

        foreach (int at in read)
            ends[at] = end;
        return end;
    }

    /// <summary>Looks at no more of a name than it has to: names may lie within each other.</summary>
    private static bool IsTrailer(ReadOnlySpan<byte> name) =>
        name.StartsWith(Trailer) && (name.Length == Trailer.Length || name[Trailer.Length] == 0);

    private static long Behind(long offset, long length) => (offset + length + SizeAlignment - 1) & -SizeAlignment;

    private static bool IsSizeAt(ReadOnlySpan<byte> bytes, int offset, long length, WordSize word) =>
        length > 0 && Behind(offset, length) is var at && at < bytes.Length && SizeAt(bytes, (int)at, word) == length;

    /// <summary>A word that may be a size; null where none can be.</summary>
    private static long? SizeAt(ReadOnlySpan<byte> bytes, int offset, WordSize word)
    {
        int width = (int)word / 8;
        if (offset > bytes.Length - width)
            return null;
        long value = 0;
        for (int i = width - 1; i >= 0; i--)
            value = (value << 8) | bytes[offset + i];
        return value is >= 0 and <= int.MaxValue ? value : null;
    }
}
