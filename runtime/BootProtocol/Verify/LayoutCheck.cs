using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>The start-of-day layout: the order of its parts, its linear mapping, its end.</summary>
internal static class LayoutCheck
{
    private const ulong EndAlignment = 4 << 20;
    private const ulong LeastPadding = 512 << 10;

    /// <summary>Checks the layout.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="info">Its start_info.</param>
    /// <param name="bootParams">Where boot_params are mapped, which follow behind the stack; null if there are none.</param>
    /// <param name="violations">Where to add what is found.</param>
    public static void Run(StartOfDay domain, StartInfo info, Vaddr? bootParams, List<Violation> violations)
    {
        void Report(XenPvRule rule, string found) => violations.Add(new Violation(rule, found));

        if (LinearFault(domain) is { } place)
            Report(XenPvRule.Linear, place);
        if (ReadOnlyPage(domain, domain.Base, domain.End) is { } page)
            Report(XenPvRule.Writable, $"{page} may not");
        else if (ReadOnlyListPage(domain, info.MfnList) is { } listPage)
            Report(XenPvRule.Writable, $"{listPage} of the list may not");
        Vaddr stack = ContextCheck.StackOf(domain.Image);
        Vaddr expected = domain.Base;
        foreach ((string name, Vaddr start, ulong length) in Parts(domain, info, stack, bootParams))
        {
            // What comes first follows the kernel, whose end stands in no structure.
            if (expected != domain.Base && start != expected)
                Report(XenPvRule.Order, $"{name} at {start}, not at {expected}");
            expected = new Vaddr(unchecked(start.Value + length));
        }

        Vaddr behindKernel = Parts(domain, info, stack, bootParams)[0].Start;
        Vaddr entry = ContextCheck.EntryOf(domain.Image);
        if (entry < domain.Base || entry >= behindKernel)
            Report(XenPvRule.Entry, $"{entry}, with the kernel at {domain.Base}-{behindKernel}");
        else if (domain.Space.IsMapped(entry) && !domain.Space.IsExecutable(entry))
            Report(XenPvRule.Executable, $"one at {entry}");
        if (unchecked(domain.End.Value - expected.Value) is < LeastPadding or > long.MaxValue)
            Report(XenPvRule.Padding, $"the stack's end at {expected}, the layout's at {domain.End}");
        if (domain.End.Value % EndAlignment != 0)
            Report(XenPvRule.End, $"{domain.End}");
    }

    private static List<(string Name, Vaddr Start, ulong Length)> Parts(StartOfDay domain, StartInfo info, Vaddr stack, Vaddr? bootParams)
    {
        var parts = new List<(string Name, Vaddr Start, ulong Length)>();
        if (info.ModLen != 0 && info.ModStart is { } module)
            parts.Add(("initrd", module, unchecked(X86Page.Count(info.ModLen) * X86Page.Size)));
        if (domain.IsInLayout(info.MfnList))
            parts.Add(("list", info.MfnList, domain.ListLength));
        parts.Add(("start_info", domain.StartInfo, X86Page.Size));
        parts.Add(("xenstore page", Mapped(domain, info.StoreMfn), X86Page.Size));
        if (info.TryGetConsoleDomu(out DomuConsole console))
            parts.Add(("console page", Mapped(domain, console.Mfn), X86Page.Size));
        parts.Add(("page tables", info.PtBase, info.NrPtFrames * X86Page.Size));
        parts.Add(("stack", new Vaddr(unchecked(stack.Value - X86Page.Size)), X86Page.Size));
        if (bootParams is { } address)
            parts.Add(("boot_params", address, X86Page.Size));
        return parts;
    }

    private static Vaddr Mapped(StartOfDay domain, Mfn frame) =>
        new(unchecked(domain.Base.Value + (domain.Machine.Find(frame).GetValueOrDefault().Value * X86Page.Size)));

    private static string? LinearFault(StartOfDay domain)
    {
        for (ulong page = 0; domain.Base.Value + (page * X86Page.Size) < domain.End.Value; page++)
        {
            var address = new Vaddr(domain.Base.Value + (page * X86Page.Size));
            if (domain.Space.Find(address) is not { } frame)
                return $"nothing at {address}";
            if (frame.Value != page)
                return $"frame {frame} at {address}";
        }

        return null;
    }

    private static Vaddr? ReadOnlyListPage(StartOfDay domain, Vaddr list) => domain.IsInLayout(list)
        ? null
        : ReadOnlyPage(domain, list, new Vaddr(unchecked(list.Value + domain.ListLength)));

    private static Vaddr? ReadOnlyPage(StartOfDay domain, Vaddr from, Vaddr end)
    {
        for (Vaddr at = from; at < end; at = new Vaddr(at.Value + X86Page.Size))
        {
            if (domain.Space.Find(at) is { } frame && !domain.Space.IsTable(frame) && !domain.Space.IsWritable(at))
                return at;
        }

        return null;
    }
}
