using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>The code of a hypervisor stub that runs with paging: what both word sizes have in common.</summary>
internal abstract class HypervisorCode
{
    /// <summary>What other hypercalls return: -ENOSYS.</summary>
    protected const int NoSuchCall = -38;

    private const int SerialPort = 0x3f8;
    private const int DebugExitPort = 0x501;
    private const int SerialStatus = SerialPort + 5;
    private const byte TransmitterEmpty = 0x20;

    private readonly List<HypervisorGate> _gates = [];

    protected HypervisorCode(HypervisorLayout layout, int bits)
    {
        Layout = layout;
        Assembler = new Assembler(bits);
    }

    /// <summary>The code.</summary>
    public Assembler Assembler { get; }

    /// <summary>The gates into it.</summary>
    public IReadOnlyList<HypervisorGate> Gates => _gates;

    protected HypervisorLayout Layout { get; }

    protected void AddGate(int vector, byte ring, Label handler) => _gates.Add(new HypervisorGate(vector, ring, handler));

    /// <summary>Emits the handlers of all exceptions: each pushes an error code, if the processor did not, and its vector.</summary>
    protected void EmitExceptions(Label common)
    {
        Assembler c = Assembler;
        for (int vector = 0; vector < ProcessorExceptions.Count; vector++)
        {
            Label handler = c.CreateLabel();
            c.Label(ref handler);
            if ((ProcessorExceptions.WithErrorCode >> vector & 1) == 0)
                c.push(0);
            c.push(vector);
            c.jmp(common);
            AddGate(vector, 0, handler);
        }
    }

    /// <summary>Emits the end of a machine that has a debug exit device: 0 stands for a crash, of which QEMU makes the exit status 1.</summary>
    protected void EmitExit()
    {
        Assembler c = Assembler;
        c.mov(edx, DebugExitPort);
        c.xor(eax, eax);
        c.@out(dx, al);
    }

    /// <summary>Emits routines that print the text at rsi (esi), the number in eax and the character in al. They change all registers.</summary>
    protected void EmitPrinting(ref Label text, ref Label number)
    {
        Assembler c = Assembler;
        Label character = c.CreateLabel();
        Label digit = c.CreateLabel();
        Label decimalDigit = c.CreateLabel();
        Label wait = c.CreateLabel();
        Label done = c.CreateLabel();

        c.Label(ref text);
        c.lodsb();
        c.test(al, al);
        c.jz(done);
        c.call(character);
        c.jmp(text);
        c.Label(ref done);
        c.ret();

        c.Label(ref number);
        c.mov(ebx, eax);
        c.mov(ecx, 2 * sizeof(uint));
        c.Label(ref digit);
        c.rol(ebx, 4);
        c.mov(eax, ebx);
        c.and(eax, 0xf);
        c.cmp(al, 10);
        c.jb(decimalDigit);
        c.add(al, (byte)('a' - '0' - 10));
        c.Label(ref decimalDigit);
        c.add(al, (byte)'0');
        c.call(character);
        c.dec(ecx);
        c.jnz(digit);
        c.ret();

        c.Label(ref character);
        c.mov(edi, eax);
        c.mov(edx, SerialStatus);
        c.Label(ref wait);
        c.@in(al, dx);
        c.test(al, TransmitterEmpty);
        c.jz(wait);
        c.mov(edx, SerialPort);
        c.mov(eax, edi);
        c.@out(dx, al);
        c.ret();
    }
}
