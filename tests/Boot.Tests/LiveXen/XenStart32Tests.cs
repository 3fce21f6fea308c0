namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>The same for domains of 32 bits with PAE: ring 1, paging on, the way to all they are told in esi.</summary>
[Collection(XenHost32.Name)]
public sealed class XenStart32Tests(XenHost32 host, ITestOutputHelper output)
{
    [Fact]
    public void Xen_lists_them() => Assert.Contains(" xen-3.0-x86_32p", host["list"].Succeeded(), StringComparison.Ordinal);

    [Fact]
    public void Paused_grub_is_what_others_build_and_talks() => DomainChecks.Grub(step => host[step], output);

    [Fact]
    public void Paused_sample_guest_is_what_others_build_and_reports() =>
        DomainChecks.Sample(step => host[step], "xen-3.0-x86_32p", ring: "1", output);

    [Fact]
    public void Sample_guest_finds_both_structures_through_one_register() =>
        DomainChecks.Combined(DomainChecks.Sample(host["combined"], ring: "1", output), "xen-3.0-x86_32p");

    [Fact]
    public void Sample_guest_that_was_built_elsewhere_is_restored() =>
        DomainChecks.Restored(host["restore-restored"], "xen-3.0-x86_32p", ring: "1", output);

    [Fact]
    public void Nothing_is_left() => DomainChecks.NothingLeft(host["list-end"]);
}
