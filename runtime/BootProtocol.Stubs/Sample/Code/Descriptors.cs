using BootProtocol.Sample.Linking;
using BootProtocol.X86;

namespace BootProtocol.Sample.Code;

/// <summary>The guest's flat segments, with the selectors that the boot protocols use.</summary>
internal static class Descriptors
{
    /// <summary>Code of the guest's word size.</summary>
    public const ushort CodeSelector = 0x10;

    /// <summary>Data and stack.</summary>
    public const ushort DataSelector = 0x18;

    /// <summary>The table.</summary>
    public const string Table = "descriptor_table";

    /// <summary>Limit and virtual address of the table, as the processor loads them.</summary>
    public const string Register = "descriptor_register";

    /// <summary>The highest byte of the table.</summary>
    public const int Limit = (4 * sizeof(ulong)) - 1;

    public static void Define(GuestProgram program)
    {
        SegmentDescriptor mode = program.Word == WordSize.Bits64 ? SegmentDescriptor.LongMode : SegmentDescriptor.Default32;
        program.Variables.Align(8);
        program.Variables.Define(Table);
        program.Variables.Number64(0);
        program.Variables.Number64(0);
        program.Variables.Number64((ulong)FlatSegment.Of(SegmentType.CodeExecuteReadAccessed, mode));
        program.Variables.Number64((ulong)FlatSegment.Of(SegmentType.DataReadWriteAccessed, SegmentDescriptor.Default32));

        program.Variables.Zeros(sizeof(ushort)); // the address behind the limit is aligned
        program.Variables.Define(Register);
        program.Variables.Bytes([(byte)Limit, 0]);
        program.Variables.Address(Table);
    }
}
