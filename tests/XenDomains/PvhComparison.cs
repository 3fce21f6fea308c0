using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Host;

namespace BootProtocol.XenDomains;

/// <summary>Two PVH domains that have not run yet: what of their RAM, their states and their parameters differs.</summary>
internal static class PvhComparison
{
    private const int PagesAtOnce = 1024;

    /// <summary>ACPI's tables are no part of it: both domains have their own, and say so in the memory map and by the root pointer.</summary>
    private static readonly HvmMemmapType[] _compared = [HvmMemmapType.Ram, HvmMemmapType.Reserved];

    /// <summary>Prints it.</summary>
    public static int Print(XenDomain one, XenDomain other)
    {
        XenDomain[] domains = [one, other];
        byte[][] states = [.. domains.Select(static domain => Record(domain, HvmSaveCode.Cpu))];
        ulong[] starts = [.. states.Select(static state => HvmHwCpu.Parse(state).Rbx)];
        string[] maps = [.. domains.Zip(starts, static (domain, start) => Map(domain, start))];
        ulong pages = RamPages(one, starts[0]);
        var different = new List<string>();
        int used = 0;
        for (ulong first = 0; first < pages; first += PagesAtOnce)
        {
            int count = (int)Math.Min(PagesAtOnce, pages - first);
            byte[][] bytes = [.. domains.Zip(starts, (domain, start) => Read(domain, start, first, count))];
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> page = bytes[0].AsSpan(i * X86Page.Size, X86Page.Size);
                ReadOnlySpan<byte> theirs = bytes[1].AsSpan(i * X86Page.Size, X86Page.Size);
                used += page.ContainsAnyExcept((byte)0) ? 1 : 0;
                int same = page.CommonPrefixLength(theirs);
                if (same < page.Length)
                    different.Add($"0x{first + (ulong)i:x} at 0x{same:x} ({page[same]:x2} and {theirs[same]:x2})");
            }
        }

        Console.WriteLine($"pages: {pages}, not zero: {used}");
        Console.WriteLine($"different pages: {different.Count} {string.Join(", ", different.Take(10))}".TrimEnd());
        Console.WriteLine($"start of day: {Word(starts[0] == starts[1])}, memory map: {Word(maps[0] == maps[1])} ({maps[0]})");
        Console.WriteLine($"state: {Word(states[0].AsSpan().SequenceEqual(states[1]))}, memory types: "
            + Word(Record(one, HvmSaveCode.Mtrr).AsSpan().SequenceEqual(Record(other, HvmSaveCode.Mtrr))));
        foreach (HvmParameter parameter in Enum.GetValues<HvmParameter>())
        {
            ulong[] values = [.. domains.Select(domain => HvmCalls.GetParameter(domain, parameter))];
            Console.WriteLine($"{parameter}: {Word(values[0] == values[1])} (0x{values[0]:x})");
        }

        return 0;
    }

    private static string Word(bool isEqual) => isEqual ? "equal" : "different";

    /// <summary>A record of the first virtual CPU, with the time that has gone by left out.</summary>
    private static byte[] Record(XenDomain domain, HvmSaveCode kind)
    {
        foreach (HvmSaveRecord record in HvmSaveContext.Parse(HvmCalls.ReadContext(domain)).Records)
        {
            if (record.Kind != kind || record.Instance != 0)
                continue;
            byte[] bytes = record.Body.AsSpan().ToArray();
            if (kind == HvmSaveCode.Cpu)
                bytes.AsSpan(HvmHwCpu.Layout.Offset.Tsc, sizeof(ulong)).Clear();
            return bytes;
        }

        throw new InvalidOperationException($"no record {kind}");
    }

    private static byte[] Bytes(XenDomain domain, ulong start, int length)
    {
        Mfn[] frames = [.. Enumerable.Range(0, (int)(((start % X86Page.Size) + (ulong)length + X86Page.Size - 1) / X86Page.Size))
            .Select(i => new Mfn((start / X86Page.Size) + (ulong)i))];
        using IHostMemory memory = domain.MapReadOnly(frames, "map pages");
        return memory.Memory.Span.Slice((int)(start % X86Page.Size), length).ToArray();
    }

    private static (ulong Start, ulong Size, HvmMemmapType Type)[] Ranges(XenDomain domain, ulong start)
    {
        HvmStartInfo info = HvmStartInfo.Parse(Bytes(domain, start, HvmStartInfo.Layout.Size));
        int count = (int)info.MemmapEntries!.Value;
        byte[] entries = Bytes(domain, info.MemmapPaddr!.Value.Value, count * HvmMemmapTableEntry.Layout.Size);
        var ranges = new (ulong, ulong, HvmMemmapType)[count];
        for (int i = 0; i < count; i++)
        {
            HvmMemmapTableEntry entry = HvmMemmapTableEntry.Parse(entries.AsSpan(i * HvmMemmapTableEntry.Layout.Size));
            ranges[i] = (entry.Addr.Value, entry.Size, entry.Type);
        }

        return ranges;
    }

    private static string Map(XenDomain domain, ulong start) => string.Join(
        ", ",
        Ranges(domain, start).Where(static range => _compared.Contains(range.Type))
            .Select(static range => $"0x{range.Start:x}-0x{range.Start + range.Size:x} {range.Type}"));

    /// <summary>Those below 4 GiB.</summary>
    private static ulong RamPages(XenDomain domain, ulong start) =>
        Ranges(domain, start).First(static range => range.Type == HvmMemmapType.Ram).Size / X86Page.Size;

    /// <summary>Reads pages; in those of hvm_start_info, the root pointer and the memory map are left out.</summary>
    private static byte[] Read(XenDomain domain, ulong start, ulong first, int count)
    {
        byte[] bytes = Bytes(domain, first * X86Page.Size, count * X86Page.Size);
        HvmStartInfo info = HvmStartInfo.Parse(Bytes(domain, start, HvmStartInfo.Layout.Size));
        Clear(start + (ulong)HvmStartInfo.Layout.Offset.RsdpPaddr, sizeof(ulong));
        Clear(start + (ulong)HvmStartInfo.Layout.Offset.MemmapEntries, sizeof(uint));
        Clear(info.MemmapPaddr!.Value.Value, (int)info.MemmapEntries!.Value * HvmMemmapTableEntry.Layout.Size);
        return bytes;

        void Clear(ulong from, int length)
        {
            ulong begin = first * X86Page.Size;
            for (ulong at = from; at < from + (ulong)length; at++)
            {
                if (at >= begin && at - begin < (ulong)bytes.Length)
                    bytes[at - begin] = 0;
            }
        }
    }
}
