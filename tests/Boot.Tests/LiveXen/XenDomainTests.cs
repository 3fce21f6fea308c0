using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>The library on a real Xen, with a guest of a page of code: all steps, their failures, and what is left afterwards.</summary>
[Collection(XenHost.Name)]
public sealed class XenDomainTests(XenHost host, ITestOutputHelper output)
{
    [Fact]
    public void Domain_runs_from_its_making_to_its_end() => Assert.Equal(
        """
        made: 1030 pages, 1 vcpus, Paused, reason 
        rip ffffffff80000000
        console found: True
        it says: a tiny guest runs
        paused: 1030 pages, 1 vcpus, Paused, reason 
        ended: True
        shut down: 1030 pages, 1 vcpus, Shutdown, reason Watchdog
        domains: 1

        """,
        host["talk"].Succeeded());

    [Fact]
    public void Refused_step_leaves_no_domain() => DomainChecks.Refused(host["refuse"], output);

    /// <summary>Xen itself refuses: a page table that the guest could write to.</summary>
    [Fact]
    public void Tables_that_Xen_does_not_trust_leave_no_domain() =>
        Assert.Matches("^cannot pin the page tables: E[A-Z]+, [a-z ]+; domains: 1\n$", host["unsafe"].Succeeded());

    [Fact]
    public void Domains_run_side_by_side() => Assert.Equal(
        "domains: 4\nit says: a tiny guest runs\nit says: a tiny guest runs\nit says: a tiny guest runs\ndomains: 1\n",
        host["side"].Succeeded());

    [Fact]
    public void A_hundred_domains_leave_nothing_behind()
    {
        Assert.Equal("made and destroyed: 100\n", host["many"].Succeeded());
        ToolRun before = host["free-before"];
        output.WriteLine(before.Succeeded());
        Assert.Equal(Parts(before), Parts(host["free-after"]));
    }

    /// <summary>Free memory, and for each domain its name, number and memory; its processor time goes on.</summary>
    private static IEnumerable<string> Parts(ToolRun run) =>
        run.Succeeded().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(3)));
}
