using BootProtocol.Specs;

namespace BootProtocol.Elf;

/// <summary>Reads the header of an ELF file, whose first bytes say which variant it is.</summary>
internal static class ElfHeaderReader
{
    /// <summary>Decodes the header.</summary>
    /// <exception cref="BootFormatException">The header is cut off, of an unknown class, or not little-endian.</exception>
    public static SpecRecord Describe(ReadOnlySpan<byte> file)
    {
        WordSize word = WordOf(file);
        ElfHeader header = ElfHeader.Parse(file, word);
        return SpecReader.Read(ElfHeader.Layout.Info, header.AsSpan(), word);
    }

    /// <summary>The variant, by the file's first bytes.</summary>
    /// <exception cref="BootFormatException">They are cut off, of an unknown class, or not little-endian.</exception>
    public static WordSize WordOf(ReadOnlySpan<byte> start)
    {
        ElfIdent ident = ElfIdent.Parse(start);
        if (ident.Data != ElfData.LittleEndian)
            throw new BootFormatException(
                BootErrorCode.Unsupported, "elf_ident", "EI_DATA", ElfIdent.Layout.Offset.Data, "1 (little-endian)", Spell(ident.Data));
        return ident.Class switch
        {
            ElfClass.Class32 => WordSize.Bits32,
            ElfClass.Class64 => WordSize.Bits64,
            _ => throw new BootFormatException(BootErrorCode.BadValue, "elf_ident", "EI_CLASS", ElfIdent.Layout.Offset.Class, "1 or 2", $"{(byte)ident.Class}"),
        };
    }

    private static string Spell(ElfData order) => order == ElfData.BigEndian ? "2 (big-endian: not for x86)" : $"{(byte)order}";
}
