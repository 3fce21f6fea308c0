using System.Collections.Immutable;
using BootProtocol.Kexec.Crash;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Kexec;

/// <summary>The memory of a kernel that runs after a panic.</summary>
/// <param name="Map">What it takes for the machine's memory map.</param>
/// <param name="CoreHeader">The headers by which it shows the memory of the kernel before it.</param>
/// <param name="CoreRegion">Where they are.</param>
internal sealed record CrashPlace(MemoryMap Map, byte[] CoreHeader, Region CoreRegion)
{
    private const ulong LowEnd = 1 << 20;
    private static readonly Paddr _end32 = new(1UL << 32);

    /// <summary>
    /// Finds it. It has the region that is set aside, but for the headers at its end, and the first MiB, which the kernel before has kept free
    /// since Linux 5.15; what is no RAM stays as it is.
    /// </summary>
    /// <exception cref="KexecUnavailableException">Nothing is set aside, or the running kernel does not show what is needed.</exception>
    /// <exception cref="BootRequestException">What is set aside is above 4 GiB, or smaller than the headers.</exception>
    public static CrashPlace Find(KexecHost host)
    {
        MemoryRange region = host.CrashRegion
            ?? throw new KexecUnavailableException("no memory is set aside for a kernel that runs at a panic: boot with crashkernel=256M or the like");
        byte[] header = Crash.CoreHeader.Create(host.Files);
        ulong length = X86Page.Count((ulong)header.Length) * X86Page.Size;
        if (region.End > _end32)
            throw Refuse("all below 4 GiB (crashkernel=SIZE, without ',high')", $"{region.Start}-{region.End}");
        if (length >= region.Length)
            throw Refuse($"more than 0x{length:x} bytes", $"0x{region.Length:x}");
        var place = new Paddr(region.End.Value - length);
        ImmutableArray<MemoryRange> ranges =
        [
            .. host.Map.Ranges.Where(static range => range.Type != E820Type.Ram || range.End.Value <= LowEnd)
                .Append(region with { Length = region.Length - length })
                .OrderBy(static range => range.Start),
        ];
        return new CrashPlace(
            new MemoryMap(ranges),
            header,
            new Region("ELF core headers", place, length, "the end of the memory that is set aside; elfcorehdr= points at it, and it is in no range of RAM"));
    }

    /// <summary>The word of the command line that says where the headers are.</summary>
    public string Word => $"elfcorehdr={CoreRegion.Start}";

    private static BootRequestException Refuse(string expected, string found) =>
        new(BootErrorCode.NotPossible, "kexec", "memory for a panic", null, expected, found);
}
