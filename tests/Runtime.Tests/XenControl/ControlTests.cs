using BootProtocol.Cli;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Verify;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>What the commands of <c>bootproto xen</c> leave behind on a pretended Xen, whatever happens.</summary>
public sealed class ControlTests : IDisposable
{
    private static readonly ControlPlace Nowhere = new(static () => null, "/nowhere", DeviceBackends.Machine);

    private readonly FakeXen _xen = new();
    private readonly Hypervisor _hypervisor;
    private readonly ToolConsole _console = new(new StringWriter(), new StringWriter());

    public ControlTests() => _hypervisor = new Hypervisor(_xen);

    public void Dispose()
    {
        _hypervisor.Dispose();
        _console.Dispose();
    }

    [Fact]
    public void Interrupted_building_leaves_nothing()
    {
        using var interruption = new CancellationTokenSource();
        _xen.OnStep = step =>
        {
            if (step.StartsWith("populate", StringComparison.Ordinal))
            {
                Assert.Single(_xen.Domains);
                interruption.Cancel();
            }
        };
        Assert.Throws<OperationCanceledException>(() => Create(interruption.Token));
        Assert.True(interruption.IsCancellationRequested);
        Assert.Empty(_xen.Domains);
        Assert.Equal(0, _xen.Leaks);
    }

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 1)]
    [InlineData(true, true, 0)]
    public void Domain_is_destroyed_at_the_end_if_that_is_wanted(bool destroyAtEnd, bool fails, int domains)
    {
        using StartedDomain started = Create(default);
        var failure = new IOException("no room");
        void Use() => ControlledDomain.Use(Nowhere, started.Built.Domain, destroyAtEnd, () =>
        {
            if (fails)
                throw failure;
        });
        if (fails)
            Assert.Same(failure, Assert.Throws<IOException>(Use));
        else
            Use();
        Assert.Equal(domains, _xen.Domains.Count);
    }

    [Fact]
    public void State_of_a_processor_is_read_whole_whatever_the_caller_takes_the_domain_for()
    {
        using StartedDomain started = Create(default);
        byte[] whole = started.Built.Domain.GetVCpuContext(0, WordSize.Bits64);
        Assert.Equal(VcpuGuestContext.Layout.Size64, whole.Length);
        Assert.Equal(whole[..VcpuGuestContext.Layout.Size32], started.Built.Domain.GetVCpuContext(0, WordSize.Bits32));
        Assert.Throws<ArgumentException>(() => started.Built.Domain.SetVCpuContext(0, whole.AsSpan(1)));
    }

    [Fact]
    public void Reading_back_that_fails_leaves_nothing_mapped()
    {
        using StartedDomain started = Create(default);
        int leaks = _xen.Leaks;
        int steps = _xen.Log.Count;
        Read();
        int needed = _xen.Log.Count - steps;
        Assert.True(needed > 10);
        for (int step = 1; step <= needed; step++)
        {
            _xen.RefusedStep = _xen.Log.Count + step;
            XenException refused = Assert.Throws<XenException>(Read);
            Assert.Equal(XenError.NoMemory, refused.Error);
            Assert.Equal(leaks, _xen.Leaks);
        }

        void Read()
        {
            XenPvImage image = PvDomainReader.Read(started.Built.Domain);
            Assert.Empty(XenPvVerifier.Verify(image));
            image.Memory.Dispose();
        }
    }

    private StartedDomain Create(CancellationToken interruption) =>
        StartedDomain.Create(
            _hypervisor, Nowhere, new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 } }, _console, interruption);
}
