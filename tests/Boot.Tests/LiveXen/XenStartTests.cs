using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Domains that <c>bootproto xen start</c> builds in the frames of a real Xen.</summary>
[Collection(XenHost.Name)]
public sealed class XenStartTests(XenHost host, ITestOutputHelper output)
{
    [Fact]
    public void Linux_starts_without_xenstored()
    {
        ToolRun run = host["start-6.1"];
        DomainChecks.Linux(run, XenHost.Linux("6.1"), output);
        Assert.StartsWith("domain 1 (bootproto-1): started\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void Paused_linux_is_what_others_build_and_starts(string kernel)
    {
        PausedDomain domain = XenHost.Linux(kernel);
        DomainChecks.Paused(domain, step => host[step], output);
        DomainChecks.Linux(host[$"console-{domain.Name}"], domain, output);
    }

    [Fact]
    public void Paused_grub_is_what_others_build_and_talks() => DomainChecks.Grub(step => host[step], output);

    [Fact]
    public void Paused_sample_guest_is_what_others_build_and_reports() =>
        DomainChecks.Sample(step => host[step], "xen-3.0-x86_64", ring: "3", output);

    [Fact]
    public void Sample_guest_finds_both_structures_through_one_register() =>
        DomainChecks.Combined(DomainChecks.Sample(host["combined"], ring: "3", output), "xen-3.0-x86_64");

    [Theory]
    [InlineData("restored")]
    [InlineData("restored-2")]
    public void Sample_guest_that_was_built_elsewhere_is_restored(string name) =>
        DomainChecks.Restored(host[$"restore-{name}"], "xen-3.0-x86_64", ring: "3", output);

    /// <summary>Ctrl-C leaves the console, and the domain as it is.</summary>
    [Fact]
    public void Interrupted_console_detaches()
    {
        host["detach-grub"].Succeeded();
        host["destroy-grub"].Succeeded();
    }

    [Fact]
    public void Closed_terminal_ends_a_session_and_the_domain_that_was_to_end_with_it() => host["hang-up"].Succeeded();

    [Fact]
    public void Started_domain_can_not_be_read_back()
    {
        ToolRun run = host["started-grub"];
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("^error: cannot read the domain back [(]rsi, 0x[0-9a-f]+, is not the address of start_info: .*[)]\n$", run.Errors);
    }

    [Fact]
    public void Name_that_is_taken_is_refused()
    {
        ToolRun run = host["start-twice"];
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("error: domain 0 has the name 'Domain-0' already\n", run.Errors);
    }

    [Fact]
    public void Kernel_that_is_none_for_Xen_leaves_no_domain()
    {
        ToolRun run = host["start-wrong"];
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: /bin/busybox: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_Xen_does_not_have_is_refused_and_leaves_no_domain()
    {
        ToolRun run = host["start-huge"];
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"^error: cannot give the domain memory: ENOMEM, not enough memory [(]Xen had \d+ of 16777216 pages[)]\n$", run.Errors);
    }

    [Fact]
    public void Kernel_of_32_bits_is_refused_before_anything_is_created()
    {
        ToolRun run = host["start-narrow"];
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith(
            "error: cannot create a domain (this Xen does not run xen-3.0-x86_32p guests; it lists xen-3.0-x86_64 ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Linux_that_the_tool_built_as_a_file_is_restored() =>
        RestoredDomain.CheckLinux(host["restore-restored-linux"], XenHost.Linux("6.12"), output);

    [Fact]
    public void Started_domain_is_saved_restored_and_made_smaller_by_xl() => CitizenSteps.Check(step => host[step], output);

    [Fact]
    public void Domain_of_a_file_of_xl_is_that_of_xl_and_grows() => FileSteps.Check(step => host[step], output);

    [Fact]
    public void File_that_xl_saved_is_read() => SavedSteps.Check(step => host[step], "4.17", output);

    [Fact]
    public void Newest_linux_has_processors_disks_and_network_cards() => CitizenSteps.CheckNewest(step => host[step], output);

    [Fact]
    public void Refused_step_leaves_no_PVH_domain() => DomainChecks.Refused(host["pvh-refuse"], output);

    [Fact]
    public void Paused_PVH_sample_guest_is_what_others_build_and_reports() => PvhSteps.CheckSample(step => host[step], output);

    [Fact]
    public void Paused_PVH_linux_is_what_others_build_and_starts() => PvhSteps.CheckLinux(step => host[step], output);

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
