using BootProtocol.Sample;
using BootProtocol.Testing;
using Xunit.Sdk;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of a Xen that runs 32-bit PV guests, which Debian's does not: it is built from Debian's source.</summary>
[CollectionDefinition(Name)]
[Needs(Need.Xen)]
public sealed class XenHost32 : IAsyncLifetime, ICollectionFixture<XenHost32>
{
    public const string Name = "Xen with 32-bit PV guests";

    private ControlDomainRun? _run;
    private SkipException? _skipped;

    internal ToolRun this[string step] => _run is null ? throw _skipped! : _run[step];

    /// <summary>Boots; where what is booted could not be fetched, the tests are skipped, as they would be had they looked for it.</summary>
    public async ValueTask InitializeAsync()
    {
        try
        {
            _run = await BootAsync();
        }
        catch (SkipException missing)
        {
            _skipped = missing;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<ControlDomainRun> BootAsync()
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
