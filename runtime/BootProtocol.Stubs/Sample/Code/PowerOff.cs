using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Switches the machine off in every way that a virtual machine or a domain may have, one after the other.</summary>
internal static class PowerOff
{
    /// <summary>Does it. What is in al becomes the exit status where there is a debug exit device: QEMU makes it 2 * al + 1.</summary>
    public const string Go = "power_off";

    /// <summary>The guest reported all it had to.</summary>
    public const byte Success = 0x10;

    /// <summary>The guest met an exception.</summary>
    public const byte Failure = 0x11;

    private const int DebugExitPort = 0x501;
    private const int AcpiControlPort = 0x604;
    private const int AcpiSoftOff = 0x2000;
    private const byte KeyboardPort = 0x64;
    private const byte KeyboardReset = 0xfe;
    private const byte DelayPort = 0x80;
    private const int Delay = 0x1000;
    private const uint RingBits = 3;

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        Label stop = c.CreateLabel();
        const string EmptyTable = "power_off_no_handlers";
        program.Variables.Align(8);
        program.Variables.Define(EmptyTable);
        program.Variables.Zeros(sizeof(ushort) + sizeof(ulong));

        code.Define(Go);
        code.Call(XenConsole.Shutdown);
        c.mov(edx, DebugExitPort);
        c.@out(dx, al);
        c.mov(edx, AcpiControlPort);
        c.mov(eax, AcpiSoftOff);
        c.@out(dx, ax);
        EmitDelay(c);
        c.mov(al, KeyboardReset);
        c.@out(KeyboardPort, al);
        EmitDelay(c);

        // An exception without handlers resets the processor. Only ring 0 can bring that about.
        c.mov(eax, cs);
        c.test(eax, RingBits);
        c.jnz(stop);
        c.lidt(code.IsWide ? __tbyte_ptr[code.Memory(Place.Of(EmptyTable))] : __fword_ptr[code.Memory(Place.Of(EmptyTable))]);
        c.int3();
        c.Label(ref stop);
        c.pause();
        c.jmp(stop);
    }

    /// <summary>Gives the devices time to act.</summary>
    private static void EmitDelay(Assembler c)
    {
        Label wait = c.CreateLabel();
        c.mov(ecx, Delay);
        c.Label(ref wait);
        c.@in(al, DelayPort);
        c.dec(ecx);
        c.jnz(wait);
    }
}
