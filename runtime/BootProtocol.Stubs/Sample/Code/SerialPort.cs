using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Writes to the first serial port.</summary>
internal static class SerialPort
{
    /// <summary>Writes the byte in al. Changes no register.</summary>
    public const string Write = "serial_write";

    private const short DataPort = 0x3f8;
    private const int LineStatus = 5;
    private const byte TransmitterEmpty = 0x20;

    /// <summary>How often to look whether the port is ready: a port that is not there must not stop the guest.</summary>
    private const int Patience = 0x10000;

    public static void Emit(GuestCode code)
    {
        Assembler c = code.Asm;
        Label wait = c.CreateLabel();
        Label ready = c.CreateLabel();

        code.Define(Write);
        code.Push(WordRegister.A, WordRegister.C, WordRegister.D);
        c.mov(ah, al);
        c.mov(edx, DataPort + LineStatus);
        c.mov(ecx, Patience);
        c.Label(ref wait);
        c.@in(al, dx);
        c.test(al, TransmitterEmpty);
        c.jnz(ready);
        c.dec(ecx);
        c.jnz(wait);
        c.Label(ref ready);
        c.mov(edx, DataPort);
        c.mov(al, ah);
        c.@out(dx, al);
        code.Pop(WordRegister.A, WordRegister.C, WordRegister.D);
        c.ret();
    }
}
