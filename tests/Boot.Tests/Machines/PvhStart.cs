using System.Buffers.Binary;
using BootProtocol.Build;
using BootProtocol.Memory;
using BootProtocol.Output;

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
        var segments = new List<PhysicalSegment> { new(new Paddr(Place), code) };
        foreach (GuestExtent extent in domain.Memory.Extents)
            segments.Add(new PhysicalSegment(extent.Start, extent.Memory));
        using var file = new MemoryStream();
        PvhElf.Write(file, new Paddr(Place), segments);
        return file.ToArray();
    }
}
