using System.Buffers.Binary;
using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Boot.Tests.Sample;
using BootProtocol.X86;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Boot.Tests.Stubs;

/// <summary>
/// What a PV domain's handler finds on its stack behind the hypervisor stub, printed by a few instructions in the place of the sample kernel.
/// </summary>
public sealed class ExceptionFrameTests
{
    private const uint Handler = 0x100;
    private const uint Traps = 0x200;
    private const int UnknownCall = 1;
    private const int NoSuchCall = -38;
    private const uint C = 0x11223344;
    private const uint R11 = 0x55667788;
    private const int Port = 0x3f8;
    private const int StatusPort = 0x3fd;
    private const byte TransmitterEmpty = 0x20;
    private const int Words64 = 12;
    private const int Words32 = 6;

    /// <summary>Error code of a page fault: write to a present page, by ring 3 or not. Ring 1 is no user to the page tables.</summary>
    private const uint WriteByUser = 7;
    private const uint Write = 3;
    private const int PowerPort = 0x604;
    private const int PowerOff = 0x2000;

    [Fact]
    public async Task Frame64()
    {
        var domain = new HandMadePvDomain(WordSize.Bits64, [], "");
        ulong entry = domain.EntryPoint.Value;
        var c = new Assembler(64);
        Label fault = c.CreateLabel();
        c.mov(eax, UnknownCall);
        c.syscall();
        c.mov(r12, rax);
        c.xor(eax, eax);
        c.mov(rdi, entry + Traps);
        c.syscall();
        c.mov(r13, rax);
        c.mov(r14, rsp);
        c.push(0); // the frame is aligned, whatever the stack was
        c.mov(ecx, C);
        c.mov(r11d, R11);
        c.mov(rbx, domain.FirstTable.Value);
        c.Label(ref fault);
        c.mov(__qword_ptr[rbx], rax);
        domain.Replace(0, Assemble(c, entry, fault, out ulong faultAddress));

        c = new Assembler(64);
        c.mov(rsi, rsp);
        c.push(rsi);
        c.push(r14);
        c.push(r13);
        c.push(r12);
        EmitPrint(c, () => c.mov(rsi, rsp), Words64 * sizeof(ulong));
        domain.Replace(Handler, Assemble(c, entry + Handler));
        domain.Replace(Traps, TrapTable(WordSize.Bits64, (ushort)FlatSelector64.Ring3Code64, entry + Handler));

        byte[] printed = await RunAsync(domain, Words64 * sizeof(ulong));
        ulong[] words = [.. Enumerable.Range(0, Words64).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(printed.AsSpan(i * sizeof(ulong))))];
        Assert.Equal(unchecked((ulong)NoSuchCall), words[0]);
        Assert.Equal(0u, words[1]);
        ulong stack = words[2];
        Assert.Equal(0u, words[3] % 16);
        Assert.Equal([C, R11, WriteByUser, faultAddress, (ulong)FlatSelector64.Ring3Code64], words[4..9]);
        Assert.Equal(Rflags.If | default(Rflags).WithIopl(3), (Rflags)words[9] & (Rflags.If | default(Rflags).WithIopl(3)));
        Assert.Equal([stack - sizeof(ulong), (ulong)FlatSelector64.Ring3Stack64], words[10..]);
    }

    [Fact]
    public async Task Frame32()
    {
        var domain = new HandMadePvDomain(WordSize.Bits32, [], "");
        uint entry = (uint)domain.EntryPoint.Value;
        var c = new Assembler(32);
        Label fault = c.CreateLabel();
        c.mov(eax, UnknownCall);
        c.@int(0x82);
        c.mov(ebp, eax);
        c.xor(eax, eax);
        c.mov(ebx, entry + Traps);
        c.@int(0x82);
        c.mov(edi, eax);
        c.mov(ebx, (uint)domain.FirstTable.Value);
        c.Label(ref fault);
        c.mov(__dword_ptr[ebx], eax);
        domain.Replace(0, Assemble(c, entry, fault, out ulong faultAddress));

        c = new Assembler(32);
        c.push(edi);
        c.push(ebp);
        EmitPrint(c, () => c.mov(esi, esp), Words32 * sizeof(uint));
        domain.Replace(Handler, Assemble(c, entry + Handler));
        domain.Replace(Traps, TrapTable(WordSize.Bits32, (ushort)FlatSelector32.Ring1Code, entry + Handler));

        byte[] printed = await RunAsync(domain, Words32 * sizeof(uint));
        uint[] words = [.. Enumerable.Range(0, Words32).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(printed.AsSpan(i * sizeof(uint))))];
        Assert.Equal([unchecked((uint)NoSuchCall), 0u], words[..2]);
        Assert.Equal([Write, (uint)faultAddress, (uint)FlatSelector32.Ring1Code], words[2..5]);
        Assert.Equal(Rflags.If | default(Rflags).WithIopl(1), (Rflags)words[5] & (Rflags.If | default(Rflags).WithIopl(3)));
    }

    /// <summary>Prints bytes from the stack pointer on, and switches the machine off.</summary>
    private static void EmitPrint(Assembler c, Action pointToStack, int count)
    {
        Label wait = c.CreateLabel();
        Label stop = c.CreateLabel();
        pointToStack();
        c.mov(ecx, count);
        c.Label(ref wait);
        c.mov(edx, StatusPort);
        c.@in(al, dx);
        c.test(al, TransmitterEmpty);
        c.jz(wait);
        c.mov(edx, Port);
        c.outsb();
        c.dec(ecx);
        c.jnz(wait);
        c.mov(edx, PowerPort);
        c.mov(eax, PowerOff);
        c.@out(dx, ax);
        c.Label(ref stop);
        c.jmp(stop);
    }

    private static byte[] TrapTable(WordSize word, ushort selector, ulong handler)
    {
        int size = word == WordSize.Bits64 ? TrapInfo.Layout.Size64 : TrapInfo.Layout.Size32;
        byte[] table = new byte[2 * size];
        TrapInfo.Writer trap = TrapInfo.Create(table, word);
        trap.Vector = 14;
        trap.Cs = selector;
        trap.Address = new Vaddr(handler);
        return table;
    }

    private static byte[] Assemble(Assembler code, ulong address, Label label, out ulong labelAddress)
    {
        using var stream = new MemoryStream();
        AssemblerResult result = code.Assemble(new StreamCodeWriter(stream), address, BlockEncoderOptions.ReturnNewInstructionOffsets);
        labelAddress = result.GetLabelRIP(label);
        return stream.ToArray();
    }

    private static byte[] Assemble(Assembler code, ulong address)
    {
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }

    private static async Task<byte[]> RunAsync(HandMadePvDomain domain, int count)
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine { Type = "q35", Kernel = files.Put("domain.elf", domain.File()) }.RunAsync();
        Assert.True(run.Output.Length >= count, run.ToString());
        return Encoding.Latin1.GetBytes(run.Output[^count..]);
    }
}
