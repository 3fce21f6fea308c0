using System.IO.Compression;
using System.Text;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Symbols;

namespace BootProtocol.Repack;

/// <summary>Changes what is built into a decoded kernel and has a place of its own there.</summary>
/// <param name="kernel">The kernel, with what is appended to it; it is changed.</param>
internal sealed class KernelEditor(byte[] kernel)
{
    /// <summary>Bytes that Linux for x86 keeps for a command line (COMMAND_LINE_SIZE).</summary>
    private const int CommandLineRoom = 2048;

    private readonly ElfFile _elf = ElfFile.Open(KernelBytes.FromMemory(kernel));
    private KernelSymbols? _symbols;
    private bool _hasReadSymbols;

    /// <summary>Puts an archive in the place of the one that is linked in; zeros, which the kernel passes over, fill what is left of that.</summary>
    /// <param name="archive">The archive, packed or not. One that is not is packed with gzip where it would not fit otherwise.</param>
    /// <exception cref="BootRequestException">It is no archive, there is no place for it, or it does not fit.</exception>
    public void ReplaceInitramfs(ReadOnlySpan<byte> archive)
    {
        EmbeddedInitramfs.RequireArchive(archive);
        EmbeddedInitramfs place = EmbeddedInitramfs.Find(_elf, Symbols) ?? throw Refuse(
            BootErrorCode.Missing,
            "initramfs",
            "a kernel whose embedded archive can be found: by its symbols (__initramfs_start) or as it stands there",
            "none");
        Span<byte> room = kernel.AsSpan(place.Offset, place.Length);
        string packed = "";
        byte[]? shorter = null;
        if (archive.Length > room.Length && EmbeddedInitramfs.IsArchive(archive) && CanUnpackGzip())
        {
            shorter = Gzip(archive);
            packed = FormattableString.Invariant($", {shorter.Length} packed with gzip");
        }

        ReadOnlySpan<byte> contents = shorter ?? archive;
        if (contents.Length > room.Length)
        {
            throw Refuse(
                BootErrorCode.NoRoom,
                "initramfs",
                FormattableString.Invariant($"an archive of at most {room.Length} bytes, the size of the one that is linked into the kernel"),
                FormattableString.Invariant($"{archive.Length} bytes{packed}"));
        }

        contents.CopyTo(room);
        room[contents.Length..].Clear();
    }

    /// <summary>Puts a text in the place of the command line that is built in.</summary>
    /// <exception cref="BootRequestException">There is none, or it does not fit.</exception>
    public void ReplaceCommandLine(string line)
    {
        const string Symbol = "builtin_cmdline";
        if (Symbols is not { } symbols || !symbols.TryFind(Symbol, out KernelSymbol symbol) || Place(symbol.Address, out int length) is not { } offset)
        {
            throw Refuse(
                BootErrorCode.Missing,
                "command line",
                $"a kernel that has one built in (CONFIG_CMDLINE) and the symbol {Symbol}, which says where",
                "none: the boot loader has to pass it, or a unified kernel image to hold it");
        }

        int limit = (int)Math.Min((ulong)Math.Min(length, CommandLineRoom), symbol.Size == 0 ? CommandLineRoom : symbol.Size);
        Span<byte> room = kernel.AsSpan(offset, limit);
        byte[] text = Encoding.UTF8.GetBytes(line);
        if (text.Length >= room.Length)
        {
            throw Refuse(
                BootErrorCode.NoRoom,
                "command line",
                FormattableString.Invariant($"at most {room.Length - 1} bytes, the room that the kernel has for it"),
                FormattableString.Invariant($"{text.Length}"));
        }

        text.CopyTo(room);
        room[text.Length..].Clear();
    }

    /// <summary>The kernel's symbols; null if it has none, or a table that cannot be read.</summary>
    private KernelSymbols? Symbols
    {
        get
        {
            if (!_hasReadSymbols)
            {
                _hasReadSymbols = true;
                try
                {
                    _symbols = KernelSymbols.Read(_elf);
                }
                catch (BootFormatException)
                {
                    // Without them, there is less that can be found.
                }
            }

            return _symbols;
        }
    }

    /// <summary>A kernel without symbols is taken to unpack gzip: nearly all do.</summary>
    private bool CanUnpackGzip() => Symbols?.TryFind("gunzip", out _) ?? true;

    private int? Place(Vaddr address, out int length) => EmbeddedInitramfs.FileOffset(_elf, address.Value, out length);

    private static byte[] Gzip(ReadOnlySpan<byte> archive)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            stream.Write(archive);
        return packed.ToArray();
    }

    private static BootRequestException Refuse(BootErrorCode code, string structure, string expected, string found) =>
        new(code, structure, "", null, expected, found);
}
