using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of a Xen that runs 32-bit PV guests, which Debian's does not: it is built from Debian's source.</summary>
[CollectionDefinition(Name)]
[Needs(Need.Xen)]
public sealed class XenHost32 : XenFixture, ICollectionFixture<XenHost32>
{
    public const string Name = "Xen with 32-bit PV guests";

    private protected override async Task<ControlDomainRun> BootAsync()
    {
        ControlDomain control = XenHost.Prepare(Fetched.Find("", "xen-pv32", "xen"));
        control.AddFile("grub", File.ReadAllBytes(Fetched.Find("kernels", "grub-xen", "grub-i386-xen.bin")));
        control.AddFile("sample", SampleGuest.Create(WordSize.Bits32));
        control.AddStep("list", "bootproto xen list");
        XenHost.AddServices(control);
        XenHost.Grub.AddSteps(control, XenHost.GrubDialogue);
        XenHost.Sample.AddSteps(control);
        control.AddStep(
            "combined",
            $"bootproto xen start --sample --bits 32 --with-boot-params --memory {XenHost.Sample.Memory} "
            + $"--cmdline '{XenHost.Sample.CommandLine}' --console --destroy-on-exit");
        RestoredDomain.AddSample(control, "restored", WordSize.Bits32, version: 3);
        control.AddStep("list-end", "bootproto xen list");
        return await XenHost.RunAsync(control, "xen-pv32.txt");
    }
}
