using BootProtocol.Elf;
using BootProtocol.Types;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Reads the types of a kernel's C code: the input is the section of an ELF file.</summary>
internal static class TypeReader
{
    /// <summary>How many types are looked at closely: each can be as long as all.</summary>
    private const int MostTypes = 64;

    private static ReadOnlySpan<byte> Names => "\0.BTF\0.shstrtab\0"u8;

    /// <summary>Reads the bytes of a section.</summary>
    public static void Read(byte[] section, Facts facts) => facts.Ask("types", () =>
    {
        if (KernelTypes.Read(ElfFile.Open(KernelBytes.FromMemory(Wrap(section)))) is not { } types)
            return "none";
        for (int id = 0; id < Math.Min(types.Count, MostTypes); id++)
        {
            KernelType type = types[id];
            facts.Ask($"{id}", () => $"{type.Kind} {type.Name} {type}");
            facts.Ask("size", () => $"{type.Size} {type.ElementCount}");
            facts.AskAll("members", () => type.Members.Select(static member => $"{member.Name} {member.BitOffset} {member.BitSize}"));
            facts.AskAll("values", () => type.Values.Select(static value => $"{value.Name} {value.Value}"));
        }

        return $"{types.Count} {types.TryFind("struct a", out _)} {types.TryFind("b", out _)}";
    });

    private static byte[] Wrap(byte[] section)
    {
        int headers = ElfHeader.Layout.Size64;
        int names = headers + (3 * SectionHeader.Layout.Size64);
        byte[] file = [.. new byte[names], .. Names, .. section];
        ElfIdent.Writer ident = ElfIdent.Create(file);
        ident.Class = ElfClass.Class64;
        ident.Data = ElfData.LittleEndian;
        ident.Version = 1;
        ElfHeader.Writer header = ElfHeader.Edit(file, WordSize.Bits64);
        header.Type = ElfType.Executable;
        header.Machine = ElfMachine.X8664;
        header.Version = 1;
        header.HeaderSize = (ushort)headers;
        header.SectionHeaderOffset = (ulong)headers;
        header.SectionHeaderSize = (ushort)SectionHeader.Layout.Size64;
        header.SectionHeaderCount = 3;
        header.SectionNamesIndex = 2;
        SectionHeader.Writer types = SectionHeader.Create(file.AsSpan(headers + SectionHeader.Layout.Size64), WordSize.Bits64);
        types.NameOffset = 1;
        types.Type = SectionType.ProgramBits;
        types.FileOffset = (ulong)(names + Names.Length);
        types.Size = (ulong)section.Length;
        SectionHeader.Writer texts = SectionHeader.Create(file.AsSpan(headers + (2 * SectionHeader.Layout.Size64)), WordSize.Bits64);
        texts.NameOffset = 6;
        texts.Type = SectionType.StringTable;
        texts.FileOffset = (ulong)names;
        texts.Size = (ulong)Names.Length;
        return file;
    }
}
