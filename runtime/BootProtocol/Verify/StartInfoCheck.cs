using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>The fields of start_info, against what is there.</summary>
internal static class StartInfoCheck
{
    /// <summary>Bytes of the field cmd_line.</summary>
    public const int CommandLineSize = 1024;

    private const StartInfoFlags KnownFlags =
        StartInfoFlags.Privileged | StartInfoFlags.InitialDomain | StartInfoFlags.MultibootModule | StartInfoFlags.ModuleStartIsPfn
        | StartInfoFlags.VirtualP2MForTools | StartInfoFlags.PowerManagement;

    /// <summary>Checks every field.</summary>
    public static void Run(StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        XenPvImage image = domain.Image;
        string magic = Encoding.Latin1.GetString(info.Magic);
        if (magic != StartInfo.MagicOf(image.Word))
            violations.Add(new Violation(XenPvRule.Magic, $"\"{magic}\""));
        if (info.NrPages != image.FrameCount)
            violations.Add(new Violation(XenPvRule.Pages, string.Create(CultureInfo.InvariantCulture, $"{info.NrPages}, not {image.FrameCount}")));
        ulong shared = info.SharedInfo.Value;
        if (shared == 0 || shared % X86Page.Size != 0 || domain.Machine.Find(new Mfn(shared >> 12)) is not null)
            violations.Add(new Violation(XenPvRule.SharedInfoAddress, $"{info.SharedInfo}"));
        if ((info.Flags & ~KnownFlags) != 0)
            violations.Add(new Violation(XenPvRule.StartFlags, $"0x{(uint)info.Flags:x}"));
        CheckTables(domain, info, violations);
        CheckList(domain, info, violations);
        CheckRings(domain, info, violations);
        CheckModule(domain, info, violations);
        if (info.CmdLine.Length == CommandLineSize)
            violations.Add(new Violation(XenPvRule.CommandLine, "none"));
    }

    private static void CheckTables(StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        if (domain.Space.Find(info.PtBase) != domain.TopTable)
        {
            violations.Add(new Violation(XenPvRule.TableBase, $"{info.PtBase}"));
            return;
        }

        // The tables that map nothing but a P2M list of its own place follow that list, and are not counted.
        ulong first = domain.TopTable.Value;
        var used = new SortedSet<ulong>(domain.Space.Tables
            .Where(table => domain.Image.Word == WordSize.Bits32 || IsOfLayout(domain, table))
            .Select(static table => table.Frame.Value));
        if (info.NrPtFrames != (ulong)used.Count || used.Min != first || used.Max - first != info.NrPtFrames - 1)
        {
            string found = string.Create(
                CultureInfo.InvariantCulture,
                $"{info.NrPtFrames} from frame {domain.TopTable} on, and {used.Count} in use, {new Pfn(used.Min)} to {new Pfn(used.Max)}");
            violations.Add(new Violation(XenPvRule.TableFrames, found));
        }
    }

    private static void CheckList(StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        XenPvImage image = domain.Image;
        byte[] page = new byte[X86Page.Size];
        ulong perPage = (ulong)(X86Page.Size / domain.EntrySize);
        for (ulong start = 0; start < image.FrameCount; start += perPage)
        {
            int count = (int)Math.Min(perPage, image.FrameCount - start);
            Span<byte> bytes = page.AsSpan(0, count * domain.EntrySize);
            if (!domain.Space.TryRead(new Vaddr(unchecked(info.MfnList.Value + (start * (ulong)domain.EntrySize))), bytes))
            {
                violations.Add(new Violation(XenPvRule.P2MMapped, $"nothing for frame {new Pfn(start)}, at mfn_list {info.MfnList}"));
                return;
            }

            for (int i = 0; i < count; i++)
            {
                Pfn frame = new(start + (ulong)i);
                Mfn entry = new(domain.EntrySize == sizeof(uint)
                    ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..])
                    : BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]));
                if (entry != image.Frames[frame])
                {
                    violations.Add(new Violation(XenPvRule.P2MTrue, $"{entry} for frame {frame}, not {image.Frames[frame]}"));
                    return;
                }
            }
        }

        CheckListFrames(domain, info, violations);
    }

    private static void CheckListFrames(StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        (ulong first, ulong count) = (info.FirstP2MPfn.Value, info.NrP2MFrames);
        bool isRight;
        if (domain.IsInLayout(info.MfnList))
        {
            isRight = first == 0 && count == 0;
        }
        else
        {
            ulong tables = (ulong)domain.Space.Tables.Where(table => !IsOfLayout(domain, table)).Select(static table => table.Frame).Distinct().Count();
            ulong pages = domain.ListLength / X86Page.Size;
            isRight = domain.Space.Find(info.MfnList) is { } frame && frame.Value == first && count == pages + tables
                && first + count <= domain.Image.FrameCount;
        }

        if (!isRight)
        {
            string found = string.Create(CultureInfo.InvariantCulture, $"{count} from frame {info.FirstP2MPfn} on");
            violations.Add(new Violation(XenPvRule.P2MFrames, found));
        }
    }

    private static bool IsOfLayout(StartOfDay domain, MappedTable table) =>
        table.First < domain.End.Value && table.Last >= domain.Base.Value;

    private static void CheckRings(StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        if (!info.TryGetConsoleDomu(out DomuConsole ring))
        {
            violations.Add(new Violation(XenPvRule.Rings, "no console ring, as in the first domain"));
            return;
        }

        Pfn? store = domain.Machine.Find(info.StoreMfn);
        Pfn? console = domain.Machine.Find(ring.Mfn);
        bool isRight = store is { } first && console is { } second && first != second
            && !domain.Space.IsTable(first) && !domain.Space.IsTable(second);
        if (!isRight)
            violations.Add(new Violation(XenPvRule.Rings, $"{info.StoreMfn} and {ring.Mfn}"));
        (uint storePort, uint consolePort) = (info.StoreEvtchn, ring.Evtchn);
        if (storePort == 0 || consolePort == 0 || storePort == consolePort)
            violations.Add(new Violation(XenPvRule.Ports, string.Create(CultureInfo.InvariantCulture, $"{storePort} and {consolePort}")));
    }

    private static void CheckModule(StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        if (info.ModLen == 0)
            return;
        ulong pages = X86Page.Count(info.ModLen);
        bool isThere = true;
        ulong start = info.ModStart?.Value ?? 0;
        if (info.ModStartPfn is { } first)
        {
            isThere = first.Value <= domain.Image.FrameCount && pages <= domain.Image.FrameCount - first.Value;
            start = first.Value;
        }
        else
        {
            for (ulong i = 0; isThere && i < pages; i++)
                isThere = domain.Space.IsMapped(new Vaddr(unchecked(start + (i * X86Page.Size))));
        }

        if (!isThere)
            violations.Add(new Violation(XenPvRule.Module, string.Create(CultureInfo.InvariantCulture, $"{info.ModLen} bytes at 0x{start:x}")));
    }
}
