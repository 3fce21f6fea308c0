using System.Text;
using BootProtocol.Elf;
using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample.Files;

/// <summary>Writes the guest's symbol table.</summary>
internal static class GuestSymbols
{
    /// <summary>Makes the table, whose first entry is empty, and the names in it.</summary>
    public static (byte[] Table, byte[] Names) Write(LinkedGuest guest, int entrySize)
    {
        var names = new List<byte> { 0 };
        byte[] table = new byte[(1 + guest.Symbols.Length) * entrySize];
        for (int i = 0; i < guest.Symbols.Length; i++)
        {
            BlockSymbol entry = guest.Symbols[i];
            Symbol.Writer symbol = Symbol.Create(table.AsSpan((1 + i) * entrySize), guest.Word);
            symbol.NameOffset = (uint)names.Count;
            symbol.Value = new Vaddr(guest.ImageAddress + (ulong)entry.Offset);
            SymbolType type = entry.IsCode ? SymbolType.Function : SymbolType.Object;
            symbol.Info = default(SymbolInfo).WithKind(type).WithBinding(SymbolBinding.Global);
            symbol.SectionIndex = (ushort)(1 + SectionOf(guest, entry.Offset));
            names.AddRange(Encoding.ASCII.GetBytes(entry.Name + "\0"));
        }

        return (table, [.. names]);
    }

    private static int SectionOf(LinkedGuest guest, int offset)
    {
        int index = guest.Sections.Length - 1;
        while (guest.Sections[index].Offset > offset)
            index--;
        return index;
    }
}
