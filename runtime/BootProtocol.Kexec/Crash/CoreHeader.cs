using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Kexec.Host;
using BootProtocol.Memory;

namespace BootProtocol.Kexec.Crash;

/// <summary>The headers by which a kernel that runs after a panic shows the memory of the one before: the start of its /proc/vmcore.</summary>
/// <remarks>
/// An ELF core file whose segments lie at their physical addresses, not in a file: notes with each processor's registers (crash_notes) and with
/// what debuggers need of the kernel (vmcoreinfo), then the memory. Source: Documentation/admin-guide/kdump/kdump.rst of Linux,
/// kernel/crash_core.c, Documentation/ABI/testing/sysfs-devices-system-cpu.
/// </remarks>
internal static class CoreHeader
{
    private const string Processors = "sys/devices/system/cpu";
    private const string Information = "sys/kernel/vmcoreinfo";
    private const string Core = "proc/kcore";
    private const int CoreHeadLength = 1 << 16;

    /// <summary>From here on are the kernel's own code and data (__START_KERNEL_map), below are all others, memory as a whole among them.</summary>
    private const ulong KernelImages = 0xffffffff80000000;

    /// <summary>Makes the headers.</summary>
    /// <exception cref="KexecUnavailableException">The running kernel does not show what belongs in there.</exception>
    public static byte[] Create(HostFiles files)
    {
        List<(Paddr Place, ulong Size)> notes = [.. files.NumberedFolders(Processors, "cpu").Where(folder => files.Exists($"{folder}/crash_notes"))
            .Select(folder => (Address(files, $"{folder}/crash_notes"), files.ReadNumber($"{folder}/crash_notes_size")))];
        if (notes.Count == 0)
            throw new KexecUnavailableException($"/{Processors}/cpu0/crash_notes is not there: the running kernel prepares for no panic");
        notes.Add(ReadInformation(files));
        ImmutableArray<MemoryRange> memory = HostMemory.ReadDumped(files);
        (Segment? kernel, ulong offset) = ReadCore(files);

        int count = notes.Count + memory.Length + (kernel is null ? 0 : 1);
        byte[] bytes = new byte[ElfHeader.Layout.Size64 + (count * ProgramHeader.Layout.Size64)];
        WriteHeader(bytes, count);
        int index = 0;
        foreach ((Paddr place, ulong size) in notes)
            Write(Next(), SegmentType.Note, default, default, place, size);
        if (kernel is { } text)
            Write(Next(), SegmentType.Load, All, text.VirtualAddress, text.PhysicalAddress, text.MemorySize);
        foreach (MemoryRange range in memory)
            Write(Next(), SegmentType.Load, All, new Vaddr(offset == 0 ? 0 : offset + range.Start.Value), range.Start, range.Length);
        return bytes;

        Span<byte> Next() => bytes.AsSpan(ElfHeader.Layout.Size64 + (index++ * ProgramHeader.Layout.Size64));
    }

    private static SegmentFlags All => SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute;

    private static void WriteHeader(byte[] bytes, int count)
    {
        ElfHeader.Writer header = ElfHeader.Create(bytes, WordSize.Bits64);
        ElfIdent.Writer identification = ElfIdent.Create(bytes);
        identification.Class = ElfClass.Class64;
        identification.Data = ElfData.LittleEndian;
        identification.Version = 1;
        header.Type = ElfType.Core;
        header.Machine = ElfMachine.X8664;
        header.Version = 1;
        header.ProgramHeaderOffset = (ulong)ElfHeader.Layout.Size64;
        header.HeaderSize = (ushort)ElfHeader.Layout.Size64;
        header.ProgramHeaderSize = (ushort)ProgramHeader.Layout.Size64;
        header.ProgramHeaderCount = (ushort)count;
    }

    private static void Write(Span<byte> place, SegmentType type, SegmentFlags flags, Vaddr address, Paddr start, ulong size)
    {
        ProgramHeader.Writer header = ProgramHeader.Create(place, WordSize.Bits64);
        header.Type = type;
        header.Flags = flags;
        header.FileOffset = start.Value;
        header.VirtualAddress = address;
        header.PhysicalAddress = start;
        header.FileSize = size;
        header.MemorySize = size;
    }

    /// <summary>An address that a file holds in hexadecimal digits without a prefix.</summary>
    private static Paddr Address(HostFiles files, string path)
    {
        string text = files.ReadText(path);
        return HostFiles.TryHexadecimal(text, out ulong address) ? new Paddr(address) : throw HostFiles.Unexpected(path, "an address", text);
    }

    /// <summary>Address and size, both hexadecimal, the second without a prefix.</summary>
    private static (Paddr Place, ulong Size) ReadInformation(HostFiles files)
    {
        string text = files.ReadText(Information);
        return text.Split(' ') is [var place, var size]
            && HostFiles.TryNumber(place, out ulong address)
            && HostFiles.TryHexadecimal(size.StartsWith("0x", StringComparison.Ordinal) ? size[2..] : size, out ulong length)
            ? (new Paddr(address), length)
            : throw HostFiles.Unexpected(Information, "an address and a size", text);
    }

    /// <summary>
    /// Where the running kernel has its code and data, and where all memory, as /proc/kcore shows it: debuggers go by that. Without it, they have
    /// vmcoreinfo.
    /// </summary>
    private static (Segment? Kernel, ulong Offset) ReadCore(HostFiles files)
    {
        if (!files.Exists(Core))
            return (null, 0);
        try
        {
            var elf = ElfFile.Open(KernelBytes.FromMemory(files.ReadHead(Core, CoreHeadLength)));
            Segment[] known = [.. elf.Segments.Where(static segment => segment.Type == SegmentType.Load && segment.PhysicalAddress.Value != ulong.MaxValue)];
            Segment? kernel = known.Where(static segment => segment.VirtualAddress.Value >= KernelImages && segment.PhysicalAddress.Value != 0)
                .Select(static segment => (Segment?)segment).FirstOrDefault();
            Segment? memory = known.Where(static segment => segment.VirtualAddress.Value is > (1UL << 63) and < KernelImages)
                .Select(static segment => (Segment?)segment).FirstOrDefault();
            return (kernel, memory is { } part ? part.VirtualAddress.Value - part.PhysicalAddress.Value : 0);
        }
        catch (BootFormatException exception)
        {
            throw new KexecUnavailableException(string.Create(CultureInfo.InvariantCulture, $"/{Core}: {exception.Message}"), exception);
        }
    }
}
