using System.Buffers.Binary;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Rules;
using BootProtocol.Sample.Code;
using BootProtocol.Sample.Linking;
using BootProtocol.Xen;

namespace BootProtocol.Sample.Files;

/// <summary>The guest's ELF notes: how Xen, or anyone who starts PVH kernels, is to start it.</summary>
internal static class GuestNotes
{
    private const int Alignment = 4;

    public static void Write(GuestProgram program)
    {
        ISymbolSource symbols = program.Symbols;
        Text(program, XenNotes.Number.GuestOs, "bootproto-sample");
        Text(program, XenNotes.Number.GuestVersion, "1.0");
        Text(program, XenNotes.Number.XenVersion, "xen-3.0");
        Text(program, XenNotes.Number.Loader, "generic");
        Text(program, XenNotes.Number.PaeMode, "yes");
        Text(program, XenNotes.Number.Features, "pae_pgdir_above_4gb");
        Number32(program, XenNotes.Number.SupportedFeatures, (uint)XenFeatures.PaePgdirAbove4gb);
        Word(program, XenNotes.Number.VirtBase, symbols.ImageAddress - GuestLayout.PhysicalAddress);
        Word(program, XenNotes.Number.PaddrOffset, 0);
        Word(program, XenNotes.Number.Entry, symbols.AddressOf(GuestEntry.XenPv));
        if (program.Word == WordSize.Bits32)
            Word(program, XenNotes.Number.HvStartLow, XenHole.Start32);
        Word(program, XenNotes.Number.Phys32Entry, symbols.AddressOf(GuestEntry.Pvh) - symbols.ImageAddress + GuestLayout.PhysicalAddress);

        // Alignment, lowest address of the first byte, highest address of the last one.
        Span<byte> range = stackalloc byte[3 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(range, GuestLayout.Alignment);
        BinaryPrimitives.WriteUInt32LittleEndian(range[sizeof(uint)..], GuestLayout.PhysicalAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(range[(2 * sizeof(uint))..], 0x3fffffff);
        Note(program, XenNotes.Number.Phys32Reloc, range);
    }

    private static void Text(GuestProgram program, uint type, string text) => Note(program, type, Encoding.ASCII.GetBytes(text + "\0"));

    private static void Number32(GuestProgram program, uint type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Note(program, type, bytes);
    }

    private static void Word(GuestProgram program, uint type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Note(program, type, bytes[..((int)program.Word / 8)]);
    }

    private static void Note(GuestProgram program, uint type, ReadOnlySpan<byte> descriptor)
    {
        ReadOnlySpan<byte> owner = "Xen\0"u8;
        Span<byte> head = stackalloc byte[NoteHeader.Layout.Size];
        NoteHeader.Writer header = NoteHeader.Create(head);
        header.NameSize = (uint)owner.Length;
        header.DescriptorSize = (uint)descriptor.Length;
        header.Type = type;
        program.Notes.Bytes(head);
        program.Notes.Bytes(owner);
        program.Notes.Bytes(descriptor);
        program.Notes.Align(Alignment);
    }
}
