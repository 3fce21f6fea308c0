using System.Text;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>
/// Plays the hypervisor's part of a Xen PV start on a bare machine: enters a domain whose machine frames are the machine's physical ones as
/// Xen enters it, answers the one hypercall set_trap_table, and hands exceptions to the handlers that the domain registered by it.
/// </summary>
/// <remarks>
/// <para>
/// It is entered by PVH like <see cref="EntryStub"/>. The domain runs with Xen's flat segments in ring 1 (32 bits, PAE) or ring 3 (64 bits),
/// on its own page tables, below a copy of the topmost to which the hypervisor's part is added; read-only pages are read-only for all rings.
/// For 64 bits the domain's lowest-level entries get the user bit, as Xen gives it to them. Its I/O privilege level lets it use ports, so
/// that it can report; the interrupt controller is masked. Every other hypercall fails with -38 (ENOSYS).
/// </para>
/// <para>
/// An exception without a handler, and any in the stub itself, is printed on the first serial port; then 0 goes to port 0x501, where QEMU
/// can have a device that ends with status 1, and the machine is reset. A handler finds Xen's exception frame; cr2 and the event mask,
/// which Xen keeps in shared_info, are not written.
/// </para>
/// <para>Sources: Xen's public headers arch-x86/xen.h, xen-x86_32.h and xen-x86_64.h; create_bounce_frame in xen/arch/x86 for the frame.</para>
/// </remarks>
/// <example><code>
/// using XenPvDomain guest = new XenPvBuilder { MemorySize = 16 &lt;&lt; 20, Frames = new ContiguousFrames(new Mfn(0)) }.Build(kernel);
/// CpuUserRegs registers = VcpuGuestContext.Parse(guest.VcpuContext.Span, WordSize.Bits64).UserRegs;
/// StubImage stub = HypervisorStub.Create(new HypervisorStubOptions
/// {
///     Address = new Paddr(0x8000000),
///     Word = WordSize.Bits64,
///     PageTables = guest.TopTable.ToPaddr(),
///     EntryPoint = new Vaddr(guest.Placement.Entry),
///     StackPointer = new Vaddr(registers.Rsp ?? 0),
///     StartInfo = guest.StartInfoAddress,
/// });
/// Console.WriteLine($"{stub.MemorySize} bytes at {stub.Address}");
/// </code></example>
public static class HypervisorStub
{
    /// <summary>How much memory the stub takes, in bytes.</summary>
    public const int MemorySize = HypervisorLayout.StackTop;

    private const uint LowestAddress = 1 << 20;
    private const uint HighestEnd = 1 << 30;
    private const uint EferRegister = 0xc0000080;
    private const byte FirstInterruptMask = 0x21;
    private const byte SecondInterruptMask = 0xa1;

    /// <summary>Makes a stub.</summary>
    /// <param name="options">The domain.</param>
    /// <exception cref="ArgumentException">The stub cannot lie there, or the page tables cannot.</exception>
    public static StubImage Create(HypervisorStubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Address.Value is < LowestAddress or > HighestEnd - MemorySize || options.Address.Value % X86Page.Size != 0)
            throw new ArgumentException($"The stub cannot be at {options.Address}.", nameof(options));
        if (options.PageTables.Value > uint.MaxValue || options.PageTables.Value % X86Page.Size != 0)
            throw new ArgumentException($"The page tables cannot be at {options.PageTables}.", nameof(options));

        var layout = new HypervisorLayout(options);
        var tables = new HypervisorTables(layout);
        byte[] stub = new byte[HypervisorLayout.CodeEnd];
        tables.Write(stub);
        HypervisorDescriptors.Write(stub, layout);
        Encoding.ASCII.GetBytes("\nhypervisor: the domain crashed by exception 0x\0", stub.AsSpan(HypervisorLayout.CrashText));
        Encoding.ASCII.GetBytes(" at 0x\0", stub.AsSpan(HypervisorLayout.CrashTextAt));
        Encoding.ASCII.GetBytes("\n\0", stub.AsSpan(HypervisorLayout.EndOfLine));

        int start = HypervisorLayout.BootCode;
        if (layout.IsWide)
            start += Assemble(stub, start, layout.Physical(start), Jump(layout), HypervisorLayout.Code).Length;
        Assemble(stub, start, layout.Physical(start), Boot(layout, tables), HypervisorLayout.Code);

        HypervisorCode code = layout.IsWide ? new HypervisorCode64(layout, tables) : new HypervisorCode32(layout, tables);
        AssemblerResult result = Assemble(
            stub, HypervisorLayout.Code, layout.Virtual(HypervisorLayout.Code), code.Assembler, HypervisorLayout.CodeEnd).Result;
        foreach (HypervisorGate gate in code.Gates)
            HypervisorDescriptors.WriteGate(stub, layout, gate.Vector, gate.Ring, result.GetLabelRIP(gate.Handler));
        return new StubImage(options.Address, stub, MemorySize, new Paddr(layout.Physical(start)));
    }

    private static (int Length, AssemblerResult Result) Assemble(byte[] stub, int start, ulong address, Assembler code, int end)
    {
        using var stream = new MemoryStream();
        AssemblerResult result = code.Assemble(new StreamCodeWriter(stream), address, BlockEncoderOptions.ReturnNewInstructionOffsets);
        byte[] bytes = stream.ToArray();
        if (start + bytes.Length > end)
            throw new InvalidOperationException("The hypervisor stub's code does not fit into its room.");
        bytes.CopyTo(stub.AsSpan(start));
        return (bytes.Length, result);
    }

    /// <summary>The first code of 64 bits: 32 bits cannot jump farther than to it.</summary>
    private static Assembler Jump(HypervisorLayout layout)
    {
        var c = new Assembler(64);
        c.mov(rax, layout.Virtual(HypervisorLayout.Code));
        c.jmp(rax);
        return c;
    }

    /// <summary>The entry: makes the page tables and turns paging on.</summary>
    private static Assembler Boot(HypervisorLayout layout, HypervisorTables tables)
    {
        var c = new Assembler(32);
        c.mov(esp, layout.Physical(HypervisorLayout.StackTop));
        c.push((int)Rflags.Fixed);
        c.popfd();
        c.mov(al, byte.MaxValue);
        c.@out(FirstInterruptMask, al);
        c.@out(SecondInterruptMask, al);
        c.lgdt(__fword_ptr[layout.Physical(HypervisorLayout.BootDescriptorRegister)]);
        c.mov(eax, HypervisorLayout.DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        tables.EmitMake(c);

        c.mov(eax, (int)Cr4.Pae);
        c.mov(cr4, eax);
        c.mov(eax, tables.Boot);
        c.mov(cr3, eax);
        if (layout.IsWide)
        {
            c.mov(ecx, EferRegister);
            c.rdmsr();
            c.or(eax, (int)(Efer.Lme | Efer.Sce));
            c.wrmsr();
        }

        c.mov(eax, (uint)(Cr0.Pe | Cr0.Et | Cr0.Wp | Cr0.Pg));
        c.mov(cr0, eax);
        c.push(HypervisorLayout.CodeSelector);
        c.push(layout.IsWide ? (int)layout.Physical(HypervisorLayout.BootCode) : (int)layout.Virtual(HypervisorLayout.Code));
        c.retf();
        return c;
    }
}
