using System.Collections.Immutable;
using System.Text;
using BootProtocol.Domains;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Output;

namespace BootProtocol.Kexec;

/// <summary>A kernel in the memory of the machine that it is to take over, ready to be loaded: nothing of the machine has changed yet.</summary>
/// <remarks>
/// Everything lies in what the machine's memory map calls RAM; for a panic, in what is set aside for that. The running kernel copies the segments
/// to their places when it starts the new one, and enters the code that puts the processor into the new one's first state.
/// </remarks>
/// <example><code>
/// static ulong Load(Kernel kernel)
/// {
///     KexecHost host = KexecHost.Open();
///     host.Check(KexecPurpose.Restart);
///     using KexecPlan plan = KexecPlan.Create(kernel, host, new KexecOptions { CommandLine = host.ReusableCommandLine(KexecPurpose.Restart) });
///     new KexecLoader(host).Load(plan);
///     return plan.Size;
/// }
/// </code></example>
public sealed class KexecPlan : IDisposable
{
    private static readonly Paddr _lowest = new(1 << 20);
    private static readonly Paddr _end32 = new(1UL << 32);
    private readonly ImmutableArray<Region> _regions;
    private readonly ImmutableArray<PhysicalSegment> _segments;

    private KexecPlan(LinuxDomain domain, KexecPurpose purpose, Paddr entry, ImmutableArray<Region> regions)
    {
        Domain = domain;
        Purpose = purpose;
        Entry = entry;
        CommandLine = ReadCommandLine(domain);
        _regions = regions;
        _segments = [.. domain.Memory.Extents.Select(Trim)];
    }

    /// <summary>The kernel with all that it is given; it goes with this plan.</summary>
    public LinuxDomain Domain { get; }

    /// <summary>What it is loaded for.</summary>
    public KexecPurpose Purpose { get; }

    /// <summary>Where the first instruction after the restart is.</summary>
    public Paddr Entry { get; }

    /// <summary>The command line that the kernel gets; empty for none.</summary>
    public string CommandLine { get; }

    /// <summary>Everything that was laid out, ascending, each with the reason for its place.</summary>
    public ImmutableArray<Region> Regions => _regions;

    /// <summary>The ranges of memory that are loaded, ascending; whole pages each.</summary>
    public ImmutableArray<PhysicalSegment> Segments => _segments;

    /// <summary>Bytes of memory of all segments.</summary>
    public ulong Size => Sum(_segments);

    /// <summary>Lays a kernel out in the machine's memory, with what it has to be given of the machine.</summary>
    /// <param name="kernel">The kernel; it is not needed any more after this.</param>
    /// <param name="host">The machine.</param>
    /// <param name="options">How it is to be started.</param>
    /// <exception cref="BootException">The kernel cannot be started so, or something does not fit or is not allowed.</exception>
    /// <exception cref="KexecUnavailableException">The running kernel does not show what is needed, or sets nothing aside for a panic.</exception>
    public static KexecPlan Create(Kernel kernel, KexecHost host, KexecOptions options)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        CrashPlace? crash = options.Purpose == KexecPurpose.Panic ? CrashPlace.Find(host) : null;
        var machine = MachineFacts.Read(host);
        LinuxDomain domain = machine.Builder(options, crash).Build(kernel);
        try
        {
            machine.CopyTo(domain.Memory.Slice(domain.BootParamsAddress, X86Page.Size).Span);
            if (crash is not null)
                crash.CoreHeader.CopyTo(domain.Memory.Claim(crash.CoreRegion.Start, crash.CoreHeader.Length));
            return Finish(domain, host, options.Purpose, crash?.CoreRegion);
        }
        catch
        {
            domain.Dispose();
            throw;
        }
    }

    /// <summary>Takes a domain that was built for the machine's memory map.</summary>
    /// <param name="domain">The domain; it goes with the plan.</param>
    /// <param name="host">The machine.</param>
    /// <param name="purpose">What it is loaded for.</param>
    /// <exception cref="BootRequestException">
    /// It is not entered in 64-bit mode; some of it is where the machine has no RAM, or none for that purpose; it has too many parts, or is too
    /// large; there is no free page below 4 GiB for the entry code. The domain is the caller's then.
    /// </exception>
    /// <exception cref="KexecUnavailableException">The running kernel does not show what is needed.</exception>
    public static KexecPlan Of(LinuxDomain domain, KexecHost host, KexecPurpose purpose = KexecPurpose.Restart)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(host);
        return Finish(domain, host, purpose, core: null);
    }

    /// <summary>Gives the domain up.</summary>
    public void Dispose() => Domain.Dispose();

    private static KexecPlan Finish(LinuxDomain domain, KexecHost host, KexecPurpose purpose, Region? core)
    {
        if (!domain.Cpu.IsLongMode)
        {
            const string Expected = "a kernel that is entered in 64-bit mode, which the running one leaves the processor in";
            throw Refuse(BootErrorCode.NotPossible, "entry", Expected, "32 bits");
        }

        const string Name = "entry code";
        var regions = new RegionMap(domain.Map);
        foreach (Region region in domain.Regions)
            regions.Add(region);
        Paddr place = regions.FindLowest(Name, EntryCode.Size, X86Page.Size, _lowest, _end32);
        var code = new Region(Name, place, EntryCode.Size, "the lowest free page; the running kernel enters it");
        EntryCode.Write(domain.Memory.Claim(place, EntryCode.Size).Span, place, domain.Cpu);
        IEnumerable<Region> all = regions.Regions.Append(code).Concat(core is null ? [] : [core]);
        var plan = new KexecPlan(domain, purpose, EntryCode.Entry(place), [.. all.OrderBy(static region => region.Start)]);
        plan.Check(host);
        return plan;
    }

    /// <summary>What the running kernel does not look at, or answers with a number alone.</summary>
    private void Check(KexecHost host)
    {
        if (_segments.Length > KexecLimit.Segments)
            throw Refuse(BootErrorCode.TooLarge, "segments", $"at most {KexecLimit.Segments} ranges of memory", $"{_segments.Length}");
        MemoryRange? crash = Purpose == KexecPurpose.Panic ? host.CrashRegion : null;
        foreach (PhysicalSegment segment in _segments)
        {
            string found = $"{segment.Address}-{new Paddr(segment.Address.Value + segment.MemorySize)}";
            if (!host.Map.IsRam(segment.Address, segment.MemorySize))
                throw Refuse(BootErrorCode.NotAllowed, "segment", "memory that the machine's memory map calls RAM", found);
            if (Purpose == KexecPurpose.Panic
                && (crash is not { } region || segment.Address < region.Start || segment.Address.Value + segment.MemorySize > region.End.Value))
            {
                throw Refuse(BootErrorCode.NotAllowed, "segment", $"memory that is set aside for a panic, {Text(crash)}", found);
            }
        }

        // sanity_check_segment_list of kernel/kexec_core.c.
        if (Size > host.ManagedMemory / 2)
        {
            string expected = $"at most half of the {ByteSize.Format(host.ManagedMemory)} that the running kernel has";
            throw Refuse(BootErrorCode.NoRoom, "memory", expected, ByteSize.Format(Size));
        }
    }

    private static string ReadCommandLine(LinuxDomain domain)
    {
        return domain.BootParams.Hdr.TryFollowCmdLinePtr(domain.Memory, out ReadOnlySpan<byte> text, out _) ? Encoding.UTF8.GetString(text) : "";
    }

    private static string Text(MemoryRange? range) => range is { } region ? $"{region.Start}-{region.End}" : "none";

    private static ulong Sum(ImmutableArray<PhysicalSegment> segments) =>
        segments.Aggregate(0UL, static (sum, segment) => sum + segment.MemorySize);

    /// <summary>Leaves the zeros at the end of a range to the running kernel.</summary>
    private static PhysicalSegment Trim(GuestExtent extent)
    {
        int length = extent.Memory.Span.LastIndexOfAnyExcept((byte)0) + 1;
        return new PhysicalSegment(extent.Start, extent.Memory[..length], (ulong)extent.Memory.Length);
    }

    private static BootRequestException Refuse(BootErrorCode code, string what, string expected, string found) =>
        new(code, "kexec", what, null, expected, found);
}
