using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Xen;

/// <summary>One boot of Xen for all tests of the tool in its control domain.</summary>
public sealed class XenHost : IAsyncLifetime
{
    private ControlDomainRun? _run;

    internal ToolRun this[string step] => _run![step];

    public async ValueTask InitializeAsync()
    {
        var control = new ControlDomain();
        control.AddProgram(NativeTool.Bootproto);
        control.AddStep("list", "bootproto xen list");
        control.AddStep("list-json", "bootproto xen list --json");
        control.AddStep("destroy-missing", "bootproto xen destroy 7");
        control.AddStep("console-missing", "bootproto xen console 7");
        control.AddStep("xenstored", "xenstored --pid-file /run/xen/xenstored.pid && xen-init-dom0");
        control.AddStep("list-named", "bootproto xen list");
        _run = await control.RunAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
