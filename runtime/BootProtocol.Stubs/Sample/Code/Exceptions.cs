using BootProtocol.Sample.Linking;
using BootProtocol.Stubs;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Handlers for the processor's exceptions, where the guest is in ring 0: each is reported, and ends the guest.</summary>
internal static class Exceptions
{
    /// <summary>Makes the handlers known to the processor.</summary>
    public const string Install = "exceptions_install";

    private const string Handlers = "exception_handlers";
    private const string Table = "exception_table";
    private const string Register = "exception_register";
    private const string Common = "exception_common";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        int gate = program.Word == WordSize.Bits64 ? GateDescriptor64.Layout.Size : sizeof(GateDescriptor);
        program.Reserved.Reserve(Table, ProcessorExceptions.Count * gate, 16);
        DataBlock data = program.Variables;
        data.Align(8);
        data.Define(Handlers);
        for (int vector = 0; vector < ProcessorExceptions.Count; vector++)
            data.Address(HandlerOf(vector));
        data.Zeros(sizeof(ushort) * 3); // the address behind the limit is aligned
        data.Define(Register);
        data.Bytes([(byte)((ProcessorExceptions.Count * gate) - 1), (byte)(((ProcessorExceptions.Count * gate) - 1) >> 8)]);
        data.Address(Table);

        EmitInstall(code, gate);
        EmitHandlers(code);
        EmitCommon(program);
    }

    private static string HandlerOf(int vector) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"exception_{vector}");

    private static void EmitInstall(GuestCode code, int gate)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        uint attributes = (uint)((ulong)(default(GateDescriptor).WithKind(SystemSegmentType.InterruptGate) | GateDescriptor.Present) >> 32);

        code.Define(Install);
        code.MoveAddress(WordRegister.Source, Handlers);
        code.MoveAddress(WordRegister.Destination, Table);
        c.mov(ecx, ProcessorExceptions.Count);
        c.Label(ref next);
        c.mov(eax, code.Memory(Place.At(WordRegister.Source)));
        c.mov(edx, eax);
        c.and(eax, 0xffff);
        c.or(eax, Descriptors.CodeSelector << 16);
        c.and(edx, unchecked((int)0xffff0000));
        c.or(edx, attributes);
        c.mov(code.Memory(Place.At(WordRegister.Destination)), eax);
        c.mov(code.Memory(Place.At(WordRegister.Destination, sizeof(uint))), edx);
        if (code.IsWide)
        {
            c.mov(eax, code.Memory(Place.At(WordRegister.Source, sizeof(uint))));
            c.mov(code.Memory(Place.At(WordRegister.Destination, GateDescriptor64.Layout.Offset.OffsetUpper)), eax);
        }

        code.Add(WordRegister.Source, code.WordBytes);
        code.Add(WordRegister.Destination, gate);
        c.dec(ecx);
        c.jnz(next);
        c.lidt(code.IsWide ? __tbyte_ptr[code.Memory(Place.Of(Register))] : __fword_ptr[code.Memory(Place.Of(Register))]);
        c.ret();
    }

    private static void EmitHandlers(GuestCode code)
    {
        Assembler c = code.Asm;
        for (int vector = 0; vector < ProcessorExceptions.Count; vector++)
        {
            code.Define(HandlerOf(vector));
            if ((ProcessorExceptions.WithErrorCode >> vector & 1) == 0)
                c.push(0);
            c.push(vector);
            code.Jump(Common);
        }
    }

    private static void EmitCommon(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        code.Define(Common);
        code.Move(WordRegister.Frame, WordRegister.Stack);
        report.EndLine();
        report.DecimalLine("exception", Place.At(WordRegister.Frame), code.WordBytes);
        report.HexadecimalLine("exception-code", Place.At(WordRegister.Frame, code.WordBytes), code.WordBytes);
        report.HexadecimalLine("exception-at", Place.At(WordRegister.Frame, 2 * code.WordBytes), code.WordBytes);
        if (code.IsWide)
            c.mov(rax, cr2);
        else
            c.mov(eax, cr2);
        code.Push(WordRegister.A);
        report.HexadecimalLine("exception-address", Place.At(WordRegister.Frame, -code.WordBytes), code.WordBytes);
        c.mov(al, PowerOff.Failure);
        code.Jump(PowerOff.Go);
    }
}
