using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Runtime.Tests.XenControl;

public sealed class HypervisorTests
{
    [Fact]
    public void Xen_is_described()
    {
        using var hypervisor = new Hypervisor(new FakeXen());
        Assert.Equal("4.17.7", hypervisor.Version);
        Assert.Equal(["xen-3.0-x86_64", "xen-3.0-x86_32p", "hvm-3.0-x86_64"], hypervisor.Capabilities);
        Assert.Equal(0x15u, hypervisor.DomctlVersion);
    }

    [Theory]
    [InlineData(0x14u, "Xen takes version 0x14 of the domctl interface; this program is made for 0x15 to 0x18, of Xen 4.17 to 4.22")]
    [InlineData(0x19u, "Xen takes version 0x19 of the domctl interface; this program is made for 0x15 to 0x18, of Xen 4.17 to 4.22")]
    [InlineData(0x1000u, "Xen takes no version from 0x1 to 0x7f of the domctl interface; this program is made for 0x15 to 0x18, of Xen 4.17 to 4.22")]
    public void Unknown_interface_is_told_with_both_versions(uint version, string expected)
    {
        var xen = new FakeXen { DomctlVersion = version };
        using var hypervisor = new Hypervisor(xen);
        XenException refused = Assert.Throws<XenException>(() => XenDomain.Create(hypervisor, new DomainLimits()));
        Assert.Equal($"cannot control domains ({expected})", refused.Message);
        Assert.Empty(xen.Domains);
        Assert.Equal(0, xen.Leaks);
    }

    [Fact]
    public void Domain_that_may_not_control_others_is_told()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        xen.RefusedStep = xen.Log.Count + 2;
        xen.Refusal = XenError.NotPermitted;
        XenException refused = Assert.Throws<XenException>(() => hypervisor.ListDomains());
        Assert.Equal("cannot control domains: EPERM, not permitted", refused.Message);
    }

    [Theory]
    [InlineData(17, 0x15u)]
    [InlineData(18, 0x16u)]
    [InlineData(20, 0x17u)]
    [InlineData(21, 0x17u)]
    [InlineData(22, 0x18u)]
    public void Domains_are_listed_and_found(int minor, uint domctl)
    {
        var xen = FakeXen.Of(minor);
        using var hypervisor = new Hypervisor(xen);
        Assert.Equal($"4.{minor}.7", hypervisor.Version);
        Assert.Equal(domctl, hypervisor.DomctlVersion);
        XenDomain first = XenDomain.Create(hypervisor, new DomainLimits());
        XenDomain second = XenDomain.Create(hypervisor, new DomainLimits());
        XenDomain third = XenDomain.Create(hypervisor, new DomainLimits());
        first.Populate(3);
        second.Destroy();
        third.Unpause();
        int before = xen.Log.Count;
        IReadOnlyList<DomainInfo> domains = hypervisor.ListDomains();
        Assert.Equal([(ushort)0, first.Id, third.Id], domains.Select(domain => domain.Id));
        Assert.InRange(xen.Log.Skip(before).Count(static step => step.StartsWith("sysctl", StringComparison.Ordinal)), 1, 2);
        Assert.Equal(3ul, domains[1].Pages);
        Assert.Equal(DomainState.Running, domains[2].State);
        Assert.Equal(TimeSpan.FromSeconds(2.5), domains[2].ProcessorTime);
        Assert.Null(hypervisor.FindDomain(second.Id));
        Assert.Null(hypervisor.FindDomain(9));
        Assert.Equal(third.Id, hypervisor.FindDomain(third.Id)!.Id);
        Assert.True(second.HasEnded());
        Assert.Equal(XenError.NoSuchDomain, Assert.Throws<XenException>(() => second.GetInfo()).Error);
        Assert.Equal(0, xen.Leaks);
    }

    /// <summary>More than one hypercall tells of, with gaps in the numbers.</summary>
    [Fact]
    public void Many_domains_are_all_listed()
    {
        var xen = FakeXen.Of(20);
        using var hypervisor = new Hypervisor(xen);
        XenDomain[] made = [.. Enumerable.Range(0, 1200).Select(_ => XenDomain.Create(hypervisor, new DomainLimits()))];
        for (int i = 0; i < made.Length; i += 7)
            made[i].Destroy();
        int before = xen.Log.Count;
        Assert.Equal([(ushort)0, .. xen.Domains.Keys], hypervisor.ListDomains().Select(domain => domain.Id));
        Assert.Equal(3, xen.Log.Skip(before).Count(static step => step.StartsWith("sysctl", StringComparison.Ordinal)));
    }

    [Fact]
    public void Unknown_list_is_told()
    {
        using var hypervisor = new Hypervisor(new FakeXen { SysctlVersion = 0x17 });
        XenException refused = Assert.Throws<XenException>(() => hypervisor.ListDomains());
        Assert.Equal("cannot list the domains (Xen takes no version from 0x15 to 0x16 of the sysctl interface)", refused.Message);
    }

    [Fact]
    public void Virtual_CPUs_that_are_refused_take_the_domain_with_them()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        _ = hypervisor.DomctlVersion;
        xen.RefusedStep = xen.Log.Count + 4;
        XenException refused = Assert.Throws<XenException>(() => XenDomain.Create(hypervisor, new DomainLimits()));
        Assert.Equal("allocate the virtual CPUs", refused.Step);
        Assert.Empty(xen.Domains);
    }

    [Fact]
    public void Console_is_found_by_grant_and_port()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        XenDomain domain = XenDomain.Create(hypervisor, new DomainLimits());
        Assert.Equal("find the console", Assert.Throws<XenException>(() => ConsolePlaces.Find(domain)).Step);
        domain.GrantRings(new Mfn(0x77), new Mfn(0x88));
        domain.AllocatePort("xenstore");
        Assert.Equal("find the console", Assert.Throws<XenException>(() => ConsolePlaces.Find(domain)).Step);
        domain.AllocatePort("the console");
        Assert.Equal(new RingPlace(new Mfn(0x77), 2), ConsolePlaces.Find(domain));
        Assert.Equal(0, xen.Leaks);
    }
}
