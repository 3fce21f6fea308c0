using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of Xen for all tests of the tool in its control domain.</summary>
[CollectionDefinition(Name)]
public sealed class XenHost : IAsyncLifetime, ICollectionFixture<XenHost>
{
    public const string Name = "Debian's Xen";

    /// <summary>Xen's own tool says it; what is freed is scrubbed before it counts.</summary>
    private const string FreeMemory = "sleep 2; xl info | grep -E '^(free_memory|outstanding_claims)'; xl list | tail -n +2";

    private ControlDomainRun? _run;

    internal ToolRun this[string step] => _run![step];

    public async ValueTask InitializeAsync()
    {
        var control = new ControlDomain();
        control.AddProgram(NativeTool.Bootproto);
        control.AddProgram(NativeTool.XenDomains);
        control.AddStep("list", "bootproto xen list");
        control.AddStep("list-json", "bootproto xen list --json");
        control.AddStep("destroy-missing", "bootproto xen destroy 7");
        control.AddStep("console-missing", "bootproto xen console 7");
        control.AddStep("xenstored", "xenstored --pid-file /run/xen/xenstored.pid && xen-init-dom0");
        control.AddStep("list-named", "bootproto xen list");
        control.AddStep("free-before", FreeMemory);
        control.AddStep("talk", "XenDomains talk");
        control.AddStep("refuse", "XenDomains refuse");
        control.AddStep("side", "XenDomains side 3");
        control.AddStep("many", "XenDomains many 100");
        control.AddStep("free-after", FreeMemory);
        _run = await control.RunAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
