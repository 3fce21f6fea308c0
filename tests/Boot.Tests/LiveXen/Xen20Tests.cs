using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>The same on a Xen of another domctl interface, which answers with no domain but the one that it was asked for.</summary>
[Collection(XenHost20.Name)]
public sealed class Xen20Tests(XenHost20 host, ITestOutputHelper output)
{
    [Fact]
    public void List_shows_the_hypervisor() =>
        Assert.Matches(@"^Xen 4\.20\.\d+.*, domctl interface 0x17\n", host["list"].Succeeded());

    [Fact]
    public void Domains_around_a_gap_are_those_of_xl() => ThreeDomains.Check(step => host[step]);

    [Fact]
    public void Refused_step_leaves_no_domain() => DomainChecks.Refused(host["refuse"], output);

    [Fact]
    public void Paused_sample_guest_is_what_others_build_and_reports() =>
        DomainChecks.Sample(step => host[step], "xen-3.0-x86_64", ring: "3", output);

    [Fact]
    public void Refused_step_leaves_no_PVH_domain() => DomainChecks.Refused(host["pvh-refuse"], output);

    [Fact]
    public void Paused_PVH_sample_guest_is_what_others_build_and_reports() => PvhSteps.CheckSample(step => host[step], output);

    [Fact]
    public void Paused_PVH_linux_is_what_others_build_and_starts() => PvhSteps.CheckLinux(step => host[step], output);

    [Fact]
    public void Paused_linux_is_what_others_build_and_starts()
    {
        PausedDomain domain = XenHost.Linux("6.12");
        DomainChecks.Paused(domain, step => host[step], output);
        DomainChecks.Linux(host[$"console-{domain.Name}"], domain, output);
    }

    [Fact]
    public void Newest_linux_has_processors_disks_and_network_cards() => CitizenSteps.CheckNewest(step => host[step], output);

    [Theory]
    [InlineData("restored")]
    [InlineData("restored-2")]
    public void Sample_guest_that_was_built_elsewhere_is_restored(string name) =>
        DomainChecks.Restored(host[$"restore-{name}"], "xen-3.0-x86_64", ring: "3", output);

    [Fact]
    public void Linux_that_the_tool_built_as_a_file_is_restored() =>
        RestoredDomain.CheckLinux(host["restore-restored-linux"], XenHost.Linux("6.12"), output);

    [Fact]
    public void Started_domain_is_saved_restored_and_made_smaller_by_xl() => CitizenSteps.Check(step => host[step], output);

    [Fact]
    public void Domain_of_a_file_of_xl_is_that_of_xl_and_grows() => FileSteps.Check(step => host[step], output);

    [Fact]
    public void File_that_xl_saved_is_read() => SavedSteps.Check(step => host[step], "4.20", output);

    [Fact]
    public void Twenty_domains_in_turns_and_eight_at_once_leave_nothing() => ManySteps.Check(step => host[step], output);

    [Fact]
    public void PVH_linux_has_disks_and_network_cards_too() => CitizenSteps.CheckPvh(step => host[step], output);

    [Fact]
    public void PVH_sample_guest_finds_memory_above_4_GiB() => PvhSteps.CheckLarge(step => host[step], output);

    [Fact]
    public void Disk_in_use_is_one_line() => DeviceSteps.CheckInUse(step => host[step]);

    [Fact]
    public void Missing_part_of_a_device_is_one_line() => DeviceSteps.CheckRefusals(step => host[step]);

    [Theory]
    [InlineData("xl-off", "reboot: Power")]
    [InlineData("off", "reboot: Power")]
    [InlineData("again", "reboot: Restarting system")]
    public void Guest_that_is_asked_to_end_does_so(string name, string expected) => CitizenSteps.CheckEnd(step => host[step], name, expected);

    [Fact]
    public void Nothing_is_kept_of_domains_that_ended() => CitizenSteps.CheckLeftovers(step => host[step]);

    [Fact]
    public void Nothing_is_left() => DomainChecks.NothingLeft(host["list-end"]);
}
