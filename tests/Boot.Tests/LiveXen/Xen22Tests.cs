using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>The tool on the newest interface that its spec has, of which Debian has no Xen yet: whoever has built one puts it where the script would.</summary>
[Collection(XenHost22.Name)]
public sealed class Xen22Tests(XenHost22 host, ITestOutputHelper output)
{
    [Fact]
    public void List_shows_the_hypervisor() => Assert.Matches(@"^Xen 4\.22\.\d+.*, domctl interface 0x18\n", host["list"].Succeeded());

    [Fact]
    public void Tools_of_another_version_are_refused() => Assert.NotEqual(0, host["xl"].ExitCode);

    [Fact]
    public void Domain_runs_from_its_making_to_its_end() =>
        Assert.Contains("shut down: 1030 pages, 1 vcpus, Shutdown, reason Watchdog\n", host["talk"].Succeeded());

    /// <summary>By the call that no interface version stands for.</summary>
    [Fact]
    public void Domain_is_told_from_all_others() => Assert.Equal(
        """
        made: Exists, another one: True
        shut down: Exists, Shutdown, the same: True
        ended: True
        destroyed: cannot read the state of the domain: ESRCH, there is no such domain
        a new one: another one: True

        """,
        host["exists"].Succeeded());

    [Fact]
    public void Refused_step_leaves_no_domain() => DomainChecks.Refused(host["refuse"], output);

    [Fact]
    public void Refused_step_leaves_no_PVH_domain() => DomainChecks.Refused(host["refuse-pvh"], output);

    [Fact]
    public void Domains_run_side_by_side() => Assert.StartsWith("domains: 4\nit says: a tiny guest runs\n", host["side"].Succeeded(), StringComparison.Ordinal);

    [Fact]
    public void A_hundred_domains_leave_nothing_behind() => Assert.Equal("made and destroyed: 100\n", host["many"].Succeeded());

    [Fact]
    public void Sample_guest_reports() => Assert.Equal("xen-3.0-x86_64", DomainChecks.Sample(host["sample"], ring: "3", output)["magic"]);

    [Fact]
    public void PVH_sample_guest_reports() => Assert.Equal(XenHost.Sample.CommandLine, PvhSteps.Report(host["sample-pvh"], output)["command-line"]);

    [Fact]
    public void Linux_starts() => DomainChecks.Linux(host["linux"], XenHost.Linux("6.12"), output);

    [Fact]
    public void Nothing_is_left() => DomainChecks.NothingLeft(host["list-end"]);
}
