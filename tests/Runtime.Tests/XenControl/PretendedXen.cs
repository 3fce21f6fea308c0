using BootProtocol.Cli;
using BootProtocol.Cli.Control;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>A pretended Xen 4.20 with its xenstore and drivers, and a control domain's place on it: what tests of domains begin with.</summary>
public abstract class PretendedXen : IDisposable
{
    private protected PretendedXen()
    {
        Devices = new FakeDevices(Store);
        Hypervisor = new Hypervisor(Xen);
        Place = new ControlPlace(Store.Connect, Folder.Path, new DeviceBackends(Devices));
    }

    private protected FakeXen Xen { get; } = FakeXen.Of(20);

    private protected FakeStore Store { get; } = new();

    private protected FakeDevices Devices { get; }

    private protected TemporaryFolder Folder { get; } = new();

    private protected Hypervisor Hypervisor { get; }

    private protected ControlPlace Place { get; }

    private protected ToolConsole Console { get; } = new(new StringWriter(), new StringWriter());

    /// <inheritdoc/>
    public void Dispose()
    {
        Hypervisor.Dispose();
        Console.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
