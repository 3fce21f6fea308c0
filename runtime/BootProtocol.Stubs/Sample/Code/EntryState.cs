using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample.Code;

/// <summary>What an entry point saves of the state that it found, for the report. Offsets are in bytes.</summary>
internal static class EntryState
{
    public const int Kind = 0;
    public const int CodeSegment = 4;
    public const int Flags = 8;
    public const int Cr0 = 12;
    public const int Cr4 = 16;
    public const int Efer = 20;
    public const int Cr3 = 24;

    /// <summary>The pointer that the entry point was given, 64 bits.</summary>
    public const int Pointer = 32;

    /// <summary>The physical address of the image, 64 bits.</summary>
    public const int Image = 40;

    private const string Symbol = "entry_state";
    private const int Size = 48;

    /// <summary>A field, once virtual addresses work.</summary>
    public static Place Field(int offset) => Place.Of(Symbol, offset);

    /// <summary>A field, before that.</summary>
    public static Place Early(int offset) => Place.Early(Symbol, offset);

    /// <summary>Makes the room for it. It is no zeroed memory: some entry points write it before anything else.</summary>
    public static void Define(GuestProgram program)
    {
        program.Variables.Align(8);
        program.Variables.Define(Symbol);
        program.Variables.Zeros(Size);
    }
}
