using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>The way of a domain from nothing to ready, on a pretended Xen that checks order and arguments.</summary>
public sealed class PvDomainTests(ITestOutputHelper output)
{
    private const int Pages = 1030;

    [Theory]
    [InlineData(17, WordSize.Bits64, 3u, 5168)]
    [InlineData(17, WordSize.Bits32, 2u, 2800)]
    [InlineData(20, WordSize.Bits64, 3u, 5168)]
    [InlineData(22, WordSize.Bits64, 3u, 5168)]
    [InlineData(22, WordSize.Bits32, 2u, 2800)]
    public void Domain_is_made_of_all_its_parts(int minor, WordSize word, uint pinCommand, int contextSize)
    {
        var xen = FakeXen.Of(minor);
        using var hypervisor = new Hypervisor(xen);
        var handle = Guid.NewGuid();
        PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Word = word, Pages = Pages, Limits = new() { Handle = handle } }, Fill(word));

        FakeDomain domain = xen.Domains[made.Domain.Id];
        Assert.Equal((uint)word, domain.Bits);
        Assert.Equal(handle.ToByteArray(bigEndian: true), domain.Handle);
        Assert.Equal((Pages * 4UL) + 1024, domain.MaxKibibytes);
        Assert.Equal([.. new byte[8], .. BitConverter.GetBytes(Pages * 4096UL), 1, 0, 0, 0], domain.MemoryMap);
        Assert.Equal(Pages, domain.Frames.Count);
        Assert.Equal(((PageTableOperation)pinCommand, domain.Frames[9]), domain.Pinned);
        Assert.Equal(domain.Frames[3], domain.HypercallPage);
        Assert.Equal(contextSize, domain.Context!.Length);
        Assert.All(domain.Context, part => Assert.Equal(0x77, part));
        Assert.Equal([1, 2, .. new byte[4094]], xen.Frame(domain.SharedInfo));
        Assert.Equal(1, domain.Pauses);
        Assert.Equal(0, xen.Leaks);
        Assert.Equal(new RingPlace(domain.Frames[2], 2), made.Console);
        Assert.Equal(new RingPlace(domain.Frames[1], 1), made.Store);

        // Entry 0 is the console's, entry 1 xenstore's: flags 1 (permit access), domain 0, frame.
        Assert.Equal([1, 0, 0, 0, .. BitConverter.GetBytes((uint)domain.Frames[2].Value)], domain.Grants[..8]);
        Assert.Equal([1, 0, 0, 0, .. BitConverter.GetBytes((uint)domain.Frames[1].Value)], domain.Grants[8..16]);

        // What was claimed is clear but for what was written; what was not is as Xen gave it.
        Assert.Equal([5, .. new byte[4095]], xen.Frame(domain.Frames[0]));
        Assert.Equal([.. new byte[4095], 6], xen.Frame(domain.Frames[1027]));
        Assert.All(xen.Frame(domain.Frames[1029]), part => Assert.Equal(0xcc, part));
    }

    [Fact]
    public void Address_size_is_set_before_there_is_memory()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Word = WordSize.Bits32, Pages = 2 }, Fill(WordSize.Bits32, pages: 2));
        Assert.Equal(WordSize.Bits32, made.Domain.GetAddressSize());
        Assert.InRange(xen.Log.IndexOf("domctl 35"), 1, xen.Log.IndexOf("populate 2 of order 0") - 1);
        var refused = Assert.Throws<XenException>(() => made.Domain.SetAddressSize(WordSize.Bits64));
        Assert.Equal(XenError.Exists, refused.Error);
    }

    [Fact]
    public void Guests_that_Xen_does_not_run_are_refused_before_anything_is_made()
    {
        var xen = new FakeXen { Capabilities = "xen-3.0-x86_64 hvm-3.0-x86_64" };
        using var hypervisor = new Hypervisor(xen);
        int before = xen.Log.Count;
        XenException refused = Assert.Throws<XenException>(
            () => PvDomain.Create(hypervisor, new PvDomainRequest { Word = WordSize.Bits32, Pages = 2 }, Fill(WordSize.Bits32)));
        Assert.Equal(
            "cannot create a domain (this Xen does not run xen-3.0-x86_32p guests; it lists xen-3.0-x86_64 hvm-3.0-x86_64)",
            refused.Message);
        Assert.Equal(before, xen.Log.Count);
    }

    /// <summary>Each single thing that is asked of Xen is refused once, in both word sizes.</summary>
    [Theory]
    [InlineData(17, WordSize.Bits64)]
    [InlineData(17, WordSize.Bits32)]
    [InlineData(20, WordSize.Bits64)]
    [InlineData(22, WordSize.Bits32)]
    public void Refused_step_is_named_and_leaves_nothing(int minor, WordSize word)
    {
        var steps = new List<string>();
        int refusedStep = 0;
        while (true)
        {
            var xen = FakeXen.Of(minor);
            using var hypervisor = new Hypervisor(xen);
            _ = hypervisor.DomctlVersion;
            int before = xen.Log.Count;
            xen.RefusedStep = before + ++refusedStep;
            xen.Refusal = XenError.Busy;
            long free = xen.FreePages;
            try
            {
                PvDomain.Create(hypervisor, new PvDomainRequest { Word = word, Pages = Pages }, Fill(word));
                Assert.True(xen.Log.Count < xen.RefusedStep, $"{xen.Log[^1]}: was refused, and nobody minded");
                break;
            }
            catch (XenException refused)
            {
                Assert.Equal(XenError.Busy, refused.Error);
                Assert.StartsWith($"cannot {refused.Step}: EBUSY", refused.Message, StringComparison.Ordinal);
                steps.Add($"{xen.Log[xen.RefusedStep - 1]}: {refused.Message}");
            }

            Assert.Empty(xen.Domains);
            Assert.Equal(0, xen.Leaks);
            Assert.Equal(free, xen.FreePages);
        }

        output.WriteLine(string.Join('\n', steps));
        string[] named =
        [
            "create a domain", "allocate the virtual CPUs", "limit the memory", "set the memory map", "allocate the event channel of xenstore",
            "allocate the event channel of the console", "give the domain memory", "read the state of domains", "map memory of the domain",
            "fill the hypercall page", "pin the page tables", "map the shared_info page", "set the state of the virtual CPU", "map the grant table",
        ];
        Assert.All(named, step => Assert.Contains(steps, line => line.Contains($"cannot {step}:", StringComparison.Ordinal)));
        Assert.Equal(word == WordSize.Bits32, steps.Exists(line => line.Contains("cannot set the address size:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Too_little_memory_is_told_in_pages()
    {
        var xen = new FakeXen { FreePages = 700 };
        using var hypervisor = new Hypervisor(xen);
        XenException refused = Assert.Throws<XenException>(
            () => PvDomain.Create(hypervisor, new PvDomainRequest { Pages = Pages }, Fill(WordSize.Bits64)));
        Assert.Equal("cannot give the domain memory: ENOMEM, not enough memory (Xen had 700 of 1030 pages)", refused.Message);
        Assert.Empty(xen.Domains);
        Assert.Equal(700, xen.FreePages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Memory_in_small_pieces_will_do(int largePieces)
    {
        var xen = new FakeXen { LargePieces = largePieces };
        using var hypervisor = new Hypervisor(xen);
        PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Pages = Pages }, place =>
        {
            Assert.Equal(Pages, place.Frames.Count);
            Assert.All(Enumerable.Range(0, Pages), pfn => Assert.Equal(xen.Domains[1].Frames[(ulong)pfn], place.Frames[new Pfn((ulong)pfn)]));
            Assert.Throws<ArgumentOutOfRangeException>(() => place.Frames[new Pfn(Pages)]);
            return Fill(WordSize.Bits64)(place);
        });
        Assert.Contains($"populate {Pages - (largePieces * 512)} of order 0", xen.Log);
        Assert.Equal((ulong)Pages, made.Domain.GetInfo().Pages);
    }

    [Fact]
    public void Fault_of_the_kernel_is_passed_on_and_leaves_nothing()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        var fault = new BootFormatException(BootErrorCode.BadValue, "kernel", "LOADER", null, "generic", "other");
        BootFormatException thrown = Assert.Throws<BootFormatException>(
            () => PvDomain.Create(hypervisor, new PvDomainRequest { Pages = Pages }, place =>
            {
                place.Memory.Claim(default, 4096);
                throw fault;
            }));
        Assert.Same(fault, thrown);
        Assert.Empty(xen.Domains);
        Assert.Equal(0, xen.Leaks);
    }

    [Fact]
    public void Domain_that_stays_is_told_with_what_came_first()
    {
        var xen = new FakeXen { FreePages = 1, KeepsDomains = true };
        using var hypervisor = new Hypervisor(xen);
        XenException left = Assert.Throws<XenException>(() => PvDomain.Create(hypervisor, new PvDomainRequest { Pages = 2 }, Fill(WordSize.Bits64)));
        Assert.Equal("destroy the domain", left.Step);
        Assert.Contains("after: cannot give the domain memory: ENOMEM", left.Message, StringComparison.Ordinal);
        Assert.IsType<XenException>(left.InnerException);
    }

    [Fact]
    public void Memory_has_the_bounds_of_the_domain()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        PvDomain.Create(hypervisor, new PvDomainRequest { Pages = Pages }, place =>
        {
            Assert.False(place.Memory.CanClaim(new Paddr((Pages - 1) * 4096), 8192));
            Assert.True(place.Memory.CanClaim(new Paddr((Pages - 1) * 4096), 4096));
            Assert.False(place.Memory.CanClaim(new Paddr(ulong.MaxValue - 4095), 4096));
            return Fill(WordSize.Bits64)(place);
        });
    }

    private static Func<PvDomainPlace, PvDomainStart> Fill(WordSize word, int pages = Pages) => place =>
    {
        place.Memory.Claim(new Paddr(0), 4096).Span[0] = 5;
        if (pages > 1028)
            place.Memory.Claim(new Paddr(1026 * 4096), 8192).Span[8191] = 6;
        byte[] context = new byte[word == WordSize.Bits64 ? VcpuGuestContext.Layout.Size64 : VcpuGuestContext.Layout.Size32];
        context.AsSpan().Fill(0x77);
        ulong Frame(ulong pfn) => place.Frames[new Pfn(Math.Min(pfn, (ulong)pages - 1))].Value;
        return new PvDomainStart
        {
            Tables = new Mfn(Frame(9)),
            Context = context,
            SharedInfo = new byte[] { 1, 2 },
            StorePage = new Mfn(Frame(1)),
            ConsolePage = new Mfn(Frame(2)),
            HypercallPage = new Mfn(Frame(3)),
        };
    };
}
