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
    [InlineData(0x16u, "Xen takes version 0x16 of the domctl interface; this program knows version 0x15, of Xen 4.17")]
    [InlineData(0x12u, "Xen takes version 0x12 of the domctl interface; this program knows version 0x15, of Xen 4.17")]
    [InlineData(0x1000u, "Xen takes no version from 0x1 to 0x7f of the domctl interface; this program knows version 0x15, of Xen 4.17")]
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

    [Fact]
    public void Domains_are_listed_and_found()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        XenDomain first = XenDomain.Create(hypervisor, new DomainLimits());
        XenDomain second = XenDomain.Create(hypervisor, new DomainLimits());
        first.Populate(3);
        first.Destroy();
        second.Unpause();
        IReadOnlyList<DomainInfo> domains = hypervisor.ListDomains();
        Assert.Equal([(ushort)0, second.Id], domains.Select(domain => domain.Id));
        Assert.Equal(DomainState.Running, domains[1].State);
        Assert.Equal(TimeSpan.FromSeconds(2.5), domains[1].ProcessorTime);
        Assert.Null(hypervisor.FindDomain(first.Id));
        Assert.Null(hypervisor.FindDomain(9));
        Assert.Equal(second.Id, hypervisor.FindDomain(second.Id)!.Id);
        Assert.Equal(XenError.NoSuchDomain, Assert.Throws<XenException>(() => first.GetInfo()).Error);
        Assert.Equal(0, xen.Leaks);
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
