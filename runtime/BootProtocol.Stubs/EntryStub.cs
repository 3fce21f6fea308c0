using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>
/// The first code of a domain that a virtual machine monitor starts as a PVH kernel: it takes over what only the monitor has, brings the
/// processor into the state that the kernel's own boot protocol asks for, and enters the kernel.
/// </summary>
/// <remarks>
/// <para>
/// It is entered in protected mode without paging, with ebx pointing to the monitor's hvm_start_info (Xen's docs/misc/pvh.pandoc), and
/// uses no memory but its own and the domain's parameters. The monitor's memory map (from version 1 of hvm_start_info on) and RSDP
/// replace those that were built, as far as <see cref="EntryStubOptions"/> asks for it; what the monitor does not give stays.
/// </para>
/// <para>
/// The states at the kernel's entry are those of Linux's Documentation/arch/x86/boot.rst ("32-bit Boot Protocol", "64-bit Boot Protocol")
/// and of pvh.pandoc. General registers that these do not name are 0, but for the stack pointer: it points to the end of the stub.
/// </para>
/// </remarks>
/// <example><code>
/// StubImage stub = EntryStub.Create(new EntryStubOptions
/// {
///     Address = new Paddr(0x200000),
///     Mode = EntryMode.Pvh,
///     EntryPoint = pvh.Cpu.InstructionPointer,
///     Parameters = pvh.StartInfoAddress,
///     TakeMemoryMap = false,
/// });
/// Console.WriteLine($"{stub.Bytes.Length} bytes, entered at {stub.Entry}");
/// </code></example>
public static class EntryStub
{
    /// <summary>How much memory a stub takes, in bytes.</summary>
    public const int MemorySize = 4096;

    private const uint LowestAddress = 1 << 20;
    private const int Alignment = 16;
    private const ushort CodeSelector = 0x10;
    private const ushort DataSelector = 0x18;
    private const ushort TaskSelector = 0x20;
    private const ushort TaskStateLimit = 0x67;
    private const uint EferRegister = 0xc0000080;

    /// <summary>Makes a stub.</summary>
    /// <param name="options">What it is to do.</param>
    /// <exception cref="ArgumentException">An address is out of its range, or PVH is to take a memory map without room for one.</exception>
    public static StubImage Create(EntryStubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);

        var memory = new StubMemory((uint)options.Address.Value);
        uint table = memory.Append(Descriptors(options.Mode));
        uint register = memory.Append(TableRegister(table, (ushort)(memory.End - table - 1)));
        uint longCode = options.Mode == EntryMode.Linux64 ? memory.Append(LongCode(options)) : 0;
        memory.Align(Alignment);
        uint entry = memory.Append(Code(options, register, longCode));
        if (memory.End > options.Address.Value + MemorySize - Alignment)
            throw new InvalidOperationException("The entry stub does not fit into its memory.");
        return new StubImage(options.Address, memory.ToArray(), MemorySize, new Paddr(entry));
    }

    private static void Check(EntryStubOptions options)
    {
        if (options.Address.Value is < LowestAddress or > uint.MaxValue - MemorySize + 1 || options.Address.Value % Alignment != 0)
            throw new ArgumentException($"The stub cannot be at {options.Address}.", nameof(options));
        if (options.Mode != EntryMode.Linux64)
            Below4Gigabytes(options, "entry point", options.EntryPoint.Value, 1);
        Below4Gigabytes(options, "parameters", options.Parameters.Value, MemorySize);
        Below4Gigabytes(options, "page tables", options.PageTables.Value, MemorySize);
        if (options.PageTables.Value % MemorySize != 0)
            throw new ArgumentException($"The page tables at {options.PageTables} do not start at a page.", nameof(options));
        if (options.MemoryMapRoom is { } room)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(room.Entries, nameof(options));
            Below4Gigabytes(options, "memory map", room.Address.Value, MemoryMapTransfer.SizeOf(options.Mode, room.Entries));
        }
        else if (options.Mode == EntryMode.Pvh && options.TakeMemoryMap)
        {
            throw new ArgumentException("There is no room for the memory map that is to be taken.", nameof(options));
        }
    }

    private static void Below4Gigabytes(EntryStubOptions options, string what, ulong address, long size)
    {
        const ulong End = 1UL << 32;
        if ((ulong)size > End || address > End - (ulong)size)
            throw new ArgumentException($"The {what} at 0x{address:x} must end below 4 GiB.", nameof(options));
    }

    private static ulong[] Descriptors(EntryMode mode)
    {
        SegmentDescriptor word = mode == EntryMode.Linux64 ? SegmentDescriptor.LongMode : SegmentDescriptor.Default32;
        SystemDescriptor task = default(SystemDescriptor).WithLimitLow(TaskStateLimit).WithKind(SystemSegmentType.TssAvailable)
            | SystemDescriptor.Present;
        ulong[] table = new ulong[(TaskSelector / sizeof(ulong)) + 1];
        table[CodeSelector / sizeof(ulong)] = (ulong)FlatSegment.Of(SegmentType.CodeExecuteReadAccessed, word);
        table[DataSelector / sizeof(ulong)] = (ulong)FlatSegment.Of(SegmentType.DataReadWriteAccessed, SegmentDescriptor.Default32);
        table[TaskSelector / sizeof(ulong)] = (ulong)task;
        return table;
    }

    private static byte[] TableRegister(uint table, ushort limit)
    {
        byte[] bytes = new byte[Gdtr.Layout.Size32];
        Gdtr.Writer register = Gdtr.Create(bytes, WordSize.Bits32);
        register.Limit = limit;
        register.Base = new Vaddr(table);
        return bytes;
    }

    private static Assembler Code(EntryStubOptions options, uint register, uint longCode)
    {
        var c = new Assembler(32);
        c.mov(esp, (uint)options.Address.Value + MemorySize);
        c.push((int)Rflags.Fixed);
        c.popfd();
        MemoryMapTransfer.Emit(c, options);

        c.lgdt(__fword_ptr[register]);
        c.mov(eax, DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.mov(ss, eax);
        if (options.Mode == EntryMode.Linux64)
        {
            EmitLongMode(c, options);
            EmitJump(c, longCode);
            return c;
        }

        c.mov(eax, (int)(Cr0.Pe | Cr0.Et));
        c.mov(cr0, eax);
        c.xor(eax, eax);
        c.mov(cr4, eax);
        if (options.Mode == EntryMode.Pvh)
        {
            c.mov(eax, TaskSelector);
            c.ltr(ax);
        }

        foreach (AssemblerRegister32 other in (AssemblerRegister32[])[eax, ebx, ecx, edx, esi, edi, ebp])
            c.xor(other, other);
        c.mov(options.Mode == EntryMode.Pvh ? ebx : esi, (uint)options.Parameters.Value);
        EmitJump(c, (uint)options.EntryPoint.Value);
        return c;
    }

    /// <summary>Turns paging and long mode on; the code goes on in 32 bits until it leaves its segment.</summary>
    private static void EmitLongMode(Assembler c, EntryStubOptions options)
    {
        c.mov(eax, (int)(options.FiveLevels ? Cr4.Pae | Cr4.La57 : Cr4.Pae));
        c.mov(cr4, eax);
        c.mov(eax, (uint)options.PageTables.Value);
        c.mov(cr3, eax);
        c.mov(ecx, EferRegister);
        c.rdmsr();
        c.or(eax, (int)Efer.Lme);
        c.wrmsr();
        c.mov(eax, (uint)(Cr0.Pe | Cr0.Et | Cr0.Pg));
        c.mov(cr0, eax);
    }

    /// <summary>Goes on in the code segment of the stub's own table, without a change to general registers.</summary>
    private static void EmitJump(Assembler c, uint target)
    {
        c.push(CodeSelector);
        c.push((int)target);
        c.retf();
    }

    private static Assembler LongCode(EntryStubOptions options)
    {
        var c = new Assembler(64);
        Label entry = c.CreateLabel();
        foreach (AssemblerRegister32 other in (AssemblerRegister32[])
            [eax, ebx, ecx, edx, edi, ebp, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d])
        {
            c.xor(other, other);
        }

        c.mov(esi, (uint)options.Parameters.Value);
        c.jmp(__qword_ptr[entry]);
        c.Label(ref entry);
        c.dq(options.EntryPoint.Value);
        return c;
    }
}
