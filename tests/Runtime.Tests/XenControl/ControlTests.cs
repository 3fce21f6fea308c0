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

    /// <summary>What a restore leaves is no violation, if all of it is there; one half of it is what it looks like.</summary>
    [Theory]
    [InlineData(true, true, true, "")]
    [InlineData(true, false, false, "context-rest")]
    [InlineData(false, true, false, "events-masked")]
    [InlineData(false, false, false, "")]
    public void Restored_domain_is_read_as_one(bool namesFrame, bool masksEvents, bool isRestored, string broken)
    {
        // user_regs.edx is the 12th word of user_regs, at 520; evtchn_mask is behind 32 vcpu_infos of 64 bytes and 64 words of evtchn_pending.
        const int Rdx = 520 + (12 * 8), Mask = (32 * 64) + 512;
        using StartedDomain started = Create(default);
        FakeDomain domain = Assert.Single(_xen.Domains.Values);
        XenPvImage built = PvDomainReader.Read(started.Built.Domain);
        Assert.False(built.IsRestored);
        Mfn startInfo = domain.Frames.Values.Single(frame => _xen.Frame(frame).AsSpan().StartsWith("xen-3.0-x86_64"u8));
        built.Memory.Dispose();
        if (namesFrame)
            BitConverter.TryWriteBytes(domain.Context.AsSpan(Rdx), startInfo.Value);
        if (masksEvents)
            _xen.Frame(domain.SharedInfo).AsSpan(Mask, 512).Fill(0xff);
        XenPvImage read = PvDomainReader.Read(started.Built.Domain);
        using (read.Memory)
        {
            Assert.Equal(isRestored, read.IsRestored);
            Assert.Equal(broken, string.Join(' ', XenPvVerifier.Verify(read).Select(static violation => violation.Rule.Name)));
        }
    }

    private StartedDomain Create(CancellationToken interruption) =>
        StartedDomain.Create(
            _hypervisor, Nowhere, new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 } }, _console, interruption);
}
