namespace BootProtocol.Rules;

/// <summary>A way to start a kernel. <see cref="BootWays.Name"/> has the names that the tool and its JSON use.</summary>
/// <example><code>
/// bool starts = kernel.BootWays.Any(check =&gt; check is { Way: BootWay.Pvh, Possible: true });
/// Console.WriteLine(starts ? "starts by PVH" : "has no PVH entry");
/// </code></example>
public enum BootWay
{
    /// <summary>Linux's 64-bit boot protocol.</summary>
    Linux64,

    /// <summary>Linux's 32-bit boot protocol.</summary>
    Linux32,

    /// <summary>PVH: 32-bit entry with Xen's hvm_start_info, under Xen and other monitors.</summary>
    Pvh,

    /// <summary>Paravirtualised under Xen.</summary>
    XenPv,
}

/// <summary>Whether a kernel can be started in one way.</summary>
/// <param name="Way">The way.</param>
/// <param name="Reason">Why the kernel cannot be started so, in one line; null if it can.</param>
/// <example><code>
/// foreach (BootWayCheck check in kernel.BootWays)
///     Console.WriteLine($"{check.Name}: {check.Reason ?? "possible"}");
/// </code></example>
public sealed record BootWayCheck(BootWay Way, string? Reason)
{
    /// <summary>The name of the way (<see cref="BootWays.Name"/>).</summary>
    public string Name => BootWays.Name(Way);

    /// <summary>Whether the kernel can be started so.</summary>
    public bool Possible => Reason is null;
}
