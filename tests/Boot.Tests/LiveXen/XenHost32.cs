using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of a Xen that runs 32-bit PV guests, which Debian's does not: it is built from Debian's source.</summary>
[CollectionDefinition(Name)]
public sealed class XenHost32 : IAsyncLifetime, ICollectionFixture<XenHost32>
{
    public const string Name = "Xen with 32-bit PV guests";

    private ControlDomainRun? _run;

    internal ToolRun this[string step] => _run![step];

    public async ValueTask InitializeAsync()
    {
        string cache = Repository.File("tests", ".cache");
        string xen = Path.Combine(cache, "xen-pv32", "xen");
        if (!File.Exists(xen))
            throw new InvalidOperationException($"There is no {xen}: tests/kernels.sh, which tests/run.sh starts, builds it.");
        ControlDomain control = XenHost.Prepare(xen);
        control.AddFile("grub", File.ReadAllBytes(Path.Combine(cache, "kernels", "grub-xen", "grub-i386-xen.bin")));
        control.AddFile("sample", SampleGuest.Create(WordSize.Bits32));
        control.AddStep("list", "bootproto xen list");
        XenHost.AddServices(control);
        XenHost.Grub.AddSteps(control, XenHost.GrubDialogue);
        XenHost.Sample.AddSteps(control);
        control.AddStep(
            "combined",
            $"bootproto xen start --sample --bits 32 --with-boot-params --memory {XenHost.Sample.Memory} "
            + $"--cmdline '{XenHost.Sample.CommandLine}' --console --destroy-on-exit");
        control.AddStep("list-end", "bootproto xen list");
        _run = await XenHost.RunAsync(control, "xen-pv32.txt");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
