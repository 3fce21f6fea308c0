using System.Buffers.Binary;
using BootProtocol.Build;
using BootProtocol.Memory;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>
/// A PVH domain as a file that QEMU loads. QEMU enters at an instruction of ours, which points ebx at the domain's own hvm_start_info
/// instead of QEMU's, and goes on to the kernel.
/// </summary>
internal static class PvhStart
{
    // Free in every domain of these tests: kernels start higher, and nothing else goes below them.
    private const uint Place = 0x100000;

    public static byte[] Write(PvhDomain domain)
    {
        byte[] code = new byte[10];
        code[0] = 0xbb; // mov ebx, imm32
        BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(1), (uint)domain.Cpu.Rbx);
        code[5] = 0xe9; // jmp rel32
        BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(6), (uint)domain.Cpu.InstructionPointer.Value - Place - (uint)code.Length);
        var segments = new List<ElfSegment> { new(Place, code) };
        foreach (GuestExtent extent in domain.Memory.Extents)
            segments.Add(new ElfSegment((uint)extent.Start.Value, extent.Memory));
        return PvhFile.Write(Place, [.. segments]);
    }
}
