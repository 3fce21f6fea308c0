using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>
/// One boot of Xen 4.22 with the control domain of Debian 13, whose own tools are for 4.20 and are refused: what is done here is done by this
/// tool alone, also in xenstored's place.
/// </summary>
[CollectionDefinition(Name)]
[Needs(Need.Xen)]
public sealed class XenHost22 : XenFixture, ICollectionFixture<XenHost22>
{
    public const string Name = "Xen 4.22";

    private protected override async Task<ControlDomainRun> BootAsync()
    {
        ControlDomain control = XenHost.Prepare(Fetched.Find("kernels", "xen-4.22", "xen.gz"), "xen-dom0-4.20");
        control.AddFile("6.12", File.ReadAllBytes(Fetched.Find("kernels", "6.12-amd64", "vmlinuz")));
        control.AddFile("sample", SampleGuest.Create(WordSize.Bits64));
        control.AddStep("list", "bootproto xen list");
        control.AddStep("xl", "xl list");
        control.AddStep("talk", "XenDomains talk");
        control.AddStep("exists", "XenDomains exists");
        control.AddStep("refuse", "XenDomains refuse");
        control.AddStep("refuse-pvh", "XenDomains refuse-pvh");
        control.AddStep("side", "XenDomains side 3");
        control.AddStep("many", "XenDomains many 100");
        control.AddStep("sample", $"{XenHost.Sample.Start} --console --destroy-on-exit");
        control.AddStep("sample-pvh", $"{XenHost.Sample.Start} --boot pvh --console --destroy-on-exit");
        control.AddStep("linux", $"{XenHost.Linux("6.12").Start} --console --destroy-on-exit");
        control.AddStep("list-end", "bootproto xen list");
        return await XenHost.RunAsync(control, "xen-4.22.txt");
    }
}
