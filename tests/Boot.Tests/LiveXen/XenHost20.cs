using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of the Xen of Debian 13, with its own tools and libraries: the domctl interface is another one than Debian 12's.</summary>
[CollectionDefinition(Name)]
[Needs(Need.Xen)]
public sealed class XenHost20 : XenFixture, ICollectionFixture<XenHost20>
{
    public const string Name = "Debian 13's Xen";

    private protected override async Task<ControlDomainRun> BootAsync()
    {
        ControlDomain control = XenHost.Prepare(Fetched.Find("kernels", "xen-4.20", "xen.gz"), "xen-dom0-4.20", memory: 6144);
        control.AddFile("6.12", File.ReadAllBytes(Fetched.Find("kernels", "6.12-amd64", "vmlinuz")));
        control.AddFile("sample", SampleGuest.Create(WordSize.Bits64));
        control.AddStep("list", "bootproto xen list");
        XenHost.AddServices(control);
        ThreeDomains.AddSteps(control);
        control.AddStep("refuse", "XenDomains refuse");
        XenHost.Sample.AddSteps(control);
        XenHost.Linux("6.12").AddSteps(control);
        RestoredDomain.AddSample(control, "restored", WordSize.Bits64, version: 3);
        RestoredDomain.AddSample(control, "restored-2", WordSize.Bits64, version: 2);
        RestoredDomain.AddLinux(control, XenHost.Linux("6.12"), "restored-linux");
        PvhSteps.Add(control);
        PvhSteps.AddLarge(control);
        CitizenSteps.Add(control);
        CitizenSteps.AddNewest(control);
        CitizenSteps.AddPvh(control);
        ManySteps.Add(control);
        control.AddStep("list-end", "bootproto xen list");
        return await XenHost.RunAsync(control, "xen-4.20.txt");
    }
}
