using System.Buffers.Binary;
using BootProtocol.LinuxX86;
using BootProtocol.Sample.Code;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Packing;

/// <summary>
/// The setup code, in real mode: makes the zero page from the header and the firmware's memory map, and goes on in protected mode at
/// code32_start.
/// </summary>
internal static class RealModeSetup
{
    private const uint MapSignature = 0x534d4150; // "SMAP"
    private const int MapFunction = 0xe820;
    private const int EnableA20 = 0x2401;
    private const byte SystemServices = 0x15;
    private const byte MapLimit = 128;
    private const int Descriptors32 = 4;

    /// <summary>Writes the code into a setup part whose header is there already.</summary>
    public static void Write(Span<byte> setup)
    {
        WriteDescriptors(setup[ImageLayout.SetupDescriptors..]);

        // The data segment starts at the boot sector, the code segment at the sector behind it; 32-bit code needs no segment.
        byte[] protectedMode = Assemble(32, 0, WriteProtectedMode);
        int next = ImageLayout.SetupDescriptors - protectedMode.Length;
        byte[] code = Assemble(16, ImageLayout.SetupCode - ImageLayout.SectorSize, c => WriteRealMode(c, next));
        if (code.Length > next - ImageLayout.SetupCode)
            throw new InvalidOperationException("The sample guest's setup code does not fit into its place.");
        code.CopyTo(setup[ImageLayout.SetupCode..]);
        protectedMode.CopyTo(setup[next..]);
    }

    private static byte[] Assemble(int bits, int address, Action<Assembler> source)
    {
        var assembler = new Assembler(bits);
        source(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), (ulong)address);
        return stream.ToArray();
    }

    /// <summary>The descriptors, and behind them the room for limit and address.</summary>
    private static void WriteDescriptors(Span<byte> place)
    {
        ulong code = (ulong)FlatSegment.Of(SegmentType.CodeExecuteReadAccessed, SegmentDescriptor.Default32);
        ulong data = (ulong)FlatSegment.Of(SegmentType.DataReadWriteAccessed, SegmentDescriptor.Default32);
        BinaryPrimitives.WriteUInt64LittleEndian(place[Descriptors.CodeSelector..], code);
        BinaryPrimitives.WriteUInt64LittleEndian(place[Descriptors.DataSelector..], data);
        BinaryPrimitives.WriteUInt16LittleEndian(place[(Descriptors32 * sizeof(ulong))..], Descriptors.Limit);
    }

    private static void WriteRealMode(Assembler c, int protectedMode)
    {
        const int Header = ImageLayout.ZeroPage + ImageLayout.Header;
        const int DescriptorRegister = ImageLayout.SetupDescriptors + (Descriptors32 * sizeof(ulong));

        c.cld();
        c.mov(ax, ds);
        c.mov(es, ax);
        c.mov(di, ImageLayout.ZeroPage);
        c.xor(eax, eax);
        c.mov(cx, BootParams.Layout.Size / sizeof(uint));
        c.rep.stosd();
        c.mov(si, ImageLayout.Header);
        c.mov(di, Header);
        c.mov(cx, SetupHeader.Layout.Size);
        c.rep.movsb();
        WriteMemoryMap(c);

        c.mov(ax, EnableA20);
        c.@int(SystemServices);
        c.cli();
        c.xor(eax, eax);
        c.mov(ax, ds);
        c.shl(eax, 4);
        c.lea(ebx, __[eax + ImageLayout.SetupDescriptors]);
        c.mov(__dword_ptr[DescriptorRegister + sizeof(ushort)], ebx);
        c.lea(esi, __[eax + ImageLayout.ZeroPage]);
        c.lea(ecx, __[eax + protectedMode]);
        c.mov(edx, __dword_ptr[ImageLayout.ZeroPage + SetupHeader.Layout.Offset.Code32Start]);
        c.AddInstruction(Instruction.Create(Iced.Intel.Code.Pushd_imm32, (int)Descriptors.CodeSelector));
        c.push(ecx);
        c.lgdt(__fword_ptr[DescriptorRegister]);
        c.mov(eax, cr0);
        c.or(al, (byte)Cr0.Pe);
        c.mov(cr0, eax);
        c.AddInstruction(Instruction.Create(Iced.Intel.Code.Retfd));
    }

    private static void WriteMemoryMap(Assembler c)
    {
        const int Count = ImageLayout.ZeroPage + BootParams.Layout.Offset.E820Entries;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(di, ImageLayout.ZeroPage + BootParams.Layout.Offset.E820Table);
        c.xor(ebx, ebx);
        c.Label(ref next);
        c.mov(eax, MapFunction);
        c.mov(edx, MapSignature);
        c.mov(ecx, BootE820Entry.Layout.Size);
        c.@int(SystemServices);
        c.jc(done);
        c.cmp(eax, MapSignature);
        c.jne(done);
        c.add(di, BootE820Entry.Layout.Size);
        c.inc(__byte_ptr[Count]);
        c.cmp(__byte_ptr[Count], MapLimit);
        c.jae(done);
        c.test(ebx, ebx);
        c.jnz(next);
        c.Label(ref done);
        c.nop();
    }

    /// <summary>The first code of 32 bits: flat segments and empty registers, as the 32-bit entry asks for them.</summary>
    private static void WriteProtectedMode(Assembler c)
    {
        c.mov(eax, Descriptors.DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.mov(ss, eax);
        c.xor(ebx, ebx);
        c.xor(ebp, ebp);
        c.xor(edi, edi);
        c.jmp(edx);
    }
}
