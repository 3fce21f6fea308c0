using BootProtocol.Domains;

namespace BootProtocol.Xen.Domains;

/// <summary>How a filled PV domain starts.</summary>
/// <example><code>
/// PvDomainStart start = PvDomainStart.Of(pv);
/// Console.WriteLine($"page tables in machine frame {start.Tables}, {start.Context.Length} bytes of processor state");
/// </code></example>
public sealed record PvDomainStart
{
    /// <summary>The machine frame of the top page table.</summary>
    public required Mfn Tables { get; init; }

    /// <summary>The vcpu_guest_context of the first virtual CPU, of the domain's word size.</summary>
    public required ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>The shared_info page, from its start.</summary>
    public required ReadOnlyMemory<byte> SharedInfo { get; init; }

    /// <summary>The machine frame of the xenstore ring page.</summary>
    public required Mfn StorePage { get; init; }

    /// <summary>The machine frame of the console ring page.</summary>
    public required Mfn ConsolePage { get; init; }

    /// <summary>The machine frame of the page that is to hold Xen's hypercall entries; null if the guest asks for none.</summary>
    public Mfn? HypercallPage { get; init; }

    /// <summary>Takes it of a domain that was built in the frames of a <see cref="PvDomainPlace"/>, for its whole size and with its ports.</summary>
    /// <param name="domain">The domain.</param>
    public static PvDomainStart Of(XenPvDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return new PvDomainStart
        {
            Tables = domain.Frames[domain.TopTable],
            Context = domain.VcpuContext,
            SharedInfo = domain.SharedFrames,
            StorePage = domain.Frames[domain.XenstoreFrame],
            ConsolePage = domain.Frames[domain.ConsoleFrame],
            HypercallPage = domain.HypercallFrame is { } frame ? domain.Frames[frame] : null,
        };
    }
}
