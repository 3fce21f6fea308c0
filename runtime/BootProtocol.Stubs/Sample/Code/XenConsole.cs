using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Writes to the console ring of a guest of Xen, and ends its domain, where a real Xen answers hypercalls.</summary>
/// <remarks>Source: Xen's public headers io/console.h, event_channel.h and sched.h.</remarks>
internal static class XenConsole
{
    /// <summary>Makes the console ring the output device if there is a Xen. Changes a, b, c, d, si and di.</summary>
    public const string Prepare = "xen_console_prepare";

    /// <summary>Ends the domain if there is a Xen: al says how, as for <see cref="PowerOff.Go"/>. Changes a, b, c, si and di.</summary>
    public const string Shutdown = "xen_console_shutdown";

    /// <summary>The output device that writes into the ring.</summary>
    public const string Write = "xen_console_write";

    /// <summary>Holds the address of the ring, a word; 0 if there is none.</summary>
    public const string Page = "xen_console_page";

    /// <summary>Holds the event channel of the console, 32 bits.</summary>
    public const string Port = "xen_console_port";

    private const string Reason = "xen_console_reason";
    private const int RingSize = ConsoleRingPage.Layout.Offset.InputConsumer - ConsoleRingPage.Layout.Offset.Output;

    public static void Emit(GuestProgram program)
    {
        program.Reserved.Reserve(Page, sizeof(ulong), sizeof(ulong));
        program.Reserved.Reserve(Port, EvtchnSend.Layout.Size, sizeof(uint));
        program.Reserved.Reserve(Reason, SchedShutdown.Layout.Size, sizeof(uint));
        EmitPrepare(program.Code, new XenStartInfo(program.Word));
        EmitWrite(program.Code);
        EmitShutdown(program.Code);
    }

    private static void EmitPrepare(GuestCode code, XenStartInfo info)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label found = c.CreateLabel();
        Label none = c.CreateLabel();

        // A stub in the hypervisor's place has no such call.
        code.Define(Prepare);
        c.mov(HypervisorCall.First(code).Narrow, (int)XenVersionCmd.Version);
        c.xor(HypervisorCall.Second(code).Narrow, HypervisorCall.Second(code).Narrow);
        HypervisorCall.Emit(code, Hypercall.XenVersion);
        c.test(eax, eax);
        c.js(none);
        code.Call(XenReport.FindStartInfo);
        c.jc(none);

        // start_info has the ring's machine frame: which of the guest's own that is stands in the list of frames.
        code.Load(WordRegister.A, info.ConsoleMfn);
        code.Load(WordRegister.D, info.Pages);
        code.Load(WordRegister.Source, info.FrameList);
        c.xor(ecx, ecx);
        c.Label(ref next);
        code.Compare(WordRegister.C, WordRegister.D);
        c.jae(none);
        code.Compare(WordRegister.A, Place.At(WordRegister.Source, WordRegister.C, code.WordBytes));
        c.je(found);
        code.Add(WordRegister.C, 1);
        c.jmp(next);

        c.Label(ref found);
        code.ShiftLeft(WordRegister.C, X86Page.Shift);
        code.Add(WordRegister.C, Place.Of(GuestMemory.VirtualBase));
        code.Store(Place.Of(Page), WordRegister.C);
        c.mov(eax, code.Memory(info.ConsoleEventChannel));
        c.mov(code.Memory(Place.Of(Port)), eax);
        code.MoveAddress(WordRegister.A, Write);
        code.Store(Place.Of(TextPrinter.Device), WordRegister.A);
        c.Label(ref none);
        c.ret();
    }

    /// <summary>The output device: the byte in al goes into the ring, and the end of a line raises an event at its reader.</summary>
    private static void EmitWrite(GuestCode code)
    {
        Assembler c = code.Asm;
        Label full = c.CreateLabel();
        Label room = c.CreateLabel();
        Label done = c.CreateLabel();
        Place producer = Place.At(WordRegister.Frame, ConsoleRingPage.Layout.Offset.OutputProducer);
        Place consumer = Place.At(WordRegister.Frame, ConsoleRingPage.Layout.Offset.OutputConsumer);

        code.Define(Write);
        code.PushAll();
        code.Load(WordRegister.Frame, Place.Of(Page));
        c.Label(ref full);
        c.mov(eax, code.Memory(producer));
        c.mov(ecx, eax);
        c.sub(ecx, code.Memory(consumer));
        c.cmp(ecx, RingSize);
        c.jb(room);
        HypervisorCall.Emit(code, Hypercall.EventChannelOp, (uint)EventChannelCmd.Send, Port);
        HypervisorCall.Emit(code, Hypercall.SchedOp, (uint)SchedulingOperation.Yield, Port);
        c.jmp(full);

        c.Label(ref room);
        c.mov(ecx, eax);
        c.and(ecx, RingSize - 1);
        c.mov(dl, code.Memory(Place.At(WordRegister.Stack, GuestCode.PushedA * code.WordBytes)));
        c.mov(code.Memory(Place.At(WordRegister.Frame, WordRegister.C, 1, ConsoleRingPage.Layout.Offset.Output)), dl);
        c.inc(eax);
        c.mov(code.Memory(producer), eax);
        c.cmp(dl, (byte)'\n');
        c.jne(done);
        HypervisorCall.Emit(code, Hypercall.EventChannelOp, (uint)EventChannelCmd.Send, Port);
        c.Label(ref done);
        code.PopAll();
        c.ret();
    }

    private static void EmitShutdown(GuestCode code)
    {
        Assembler c = code.Asm;
        Label none = c.CreateLabel();
        Label success = c.CreateLabel();
        Label stop = c.CreateLabel();

        code.Define(Shutdown);
        c.cmp(__dword_ptr[code.Memory(Place.Of(Page))], 0);
        c.je(none);
        c.mov(ecx, (int)ShutdownReason.PowerOff);
        c.cmp(al, PowerOff.Success);
        c.je(success);
        c.mov(ecx, (int)ShutdownReason.Crash);
        c.Label(ref success);
        c.mov(code.Memory(Place.Of(Reason)), ecx);
        c.Label(ref stop);
        HypervisorCall.Emit(code, Hypercall.SchedOp, (uint)SchedulingOperation.Shutdown, Reason);
        c.jmp(stop);
        c.Label(ref none);
        c.ret();
    }
}
