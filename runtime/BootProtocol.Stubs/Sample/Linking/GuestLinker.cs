using BootProtocol.Elf;

namespace BootProtocol.Sample.Linking;

/// <summary>Gives everything in the guest its address.</summary>
/// <remarks>
/// The lengths of instructions depend on addresses, and addresses on lengths: the source is run over again until nothing moves any more.
/// </remarks>
internal static class GuestLinker
{
    private const int MaximumPasses = 16;
    private const int CodeAlignment = 16;
    private const int NoteAlignment = 4;

    /// <summary>Links the guest.</summary>
    /// <param name="word">The word size.</param>
    /// <param name="imageAddress">The virtual address at which the image starts.</param>
    /// <param name="source">Writes the guest; it is called several times and must always do the same.</param>
    public static LinkedGuest Link(WordSize word, ulong imageAddress, Action<GuestProgram> source)
    {
        var symbols = new SymbolMap(imageAddress);
        for (int pass = 0; pass < MaximumPasses; pass++)
        {
            var program = new GuestProgram(word, symbols);
            source(program);
            string? missing = symbols.Missing;
            LinkedGuest linked = Arrange(program, imageAddress);
            if (!symbols.Update(linked.Symbols) && missing is null)
                return linked;
        }

        throw new InvalidOperationException($"The guest's addresses do not settle; symbol without a place: {symbols.Missing ?? "none"}.");
    }

    private static LinkedGuest Arrange(GuestProgram program, ulong imageAddress)
    {
        var sections = new List<GuestSection>();
        var symbols = new List<BlockSymbol>();
        var relocations = new List<Relocation>();
        int end = 0;

        Block Put(int alignment, Func<ulong, Block> make)
        {
            end = Align(end, alignment);
            Block block = make(imageAddress + (ulong)end);
            symbols.AddRange(block.Symbols.Select(symbol => symbol with { Offset = symbol.Offset + end }));
            relocations.AddRange(block.Relocations.Select(relocation => relocation with { Offset = relocation.Offset + end }));
            end += block.Size;
            return block;
        }

        Block early = Put(X86Page.Size, program.Early.ToBlock);
        Block code = Put(CodeAlignment, program.Code.ToBlock);
        byte[] text = new byte[end];
        early.Bytes.CopyTo(text, 0);
        code.Bytes.CopyTo(text, end - code.Size);
        sections.Add(new GuestSection(".text", SectionType.ProgramBits, SectionFlags.Allocate | SectionFlags.Execute, 0, text, end));

        void Add(string name, SectionType type, SectionFlags flags, int alignment, Block contents)
        {
            Put(alignment, _ => contents);
            sections.Add(new GuestSection(name, type, SectionFlags.Allocate | flags, end - contents.Size, contents.Bytes, contents.Size));
        }

        Add(".rodata", SectionType.ProgramBits, 0, X86Page.Size, program.Constants.ToBlock());
        Add(".notes", SectionType.Note, 0, NoteAlignment, program.Notes.ToBlock());
        Add(".data", SectionType.ProgramBits, SectionFlags.Write, X86Page.Size, program.Variables.ToBlock());
        Add(".bss", SectionType.NoBits, SectionFlags.Write, X86Page.Size, program.Reserved.ToBlock());
        return new LinkedGuest
        {
            Word = program.Word,
            ImageAddress = imageAddress,
            Sections = [.. sections],
            Symbols = [.. symbols],
            Relocations = [.. relocations.OrderBy(relocation => relocation.Offset)],
        };
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
