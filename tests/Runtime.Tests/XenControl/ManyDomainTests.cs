using BootProtocol.Cli;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Sample;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>Many domains of a pretended Xen: what each costs is counted, in calls and in requests to xenstored, and does not grow.</summary>
public sealed class ManyDomainTests : IDisposable
{
    private const int Many = 100;
    private const int AtOnce = 8;

    private readonly FakeXen _xen = FakeXen.Of(20);
    private readonly FakeStore _store = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ControlPlace _place;
    private readonly ToolConsole _console = new(new StringWriter(), new StringWriter());

    public ManyDomainTests()
    {
        _place = new ControlPlace(_store.Connect, _folder.Path, new DeviceBackends(new FakeDevices(_store)));
    }

    public void Dispose()
    {
        _console.Dispose();
        _folder.Dispose();
    }

    /// <summary>As commands do it: each has a connection to Xen of its own, and each domain a disk and a network card.</summary>
    [Fact]
    public void Hundredth_domain_costs_what_the_first_one_did()
    {
        var calls = new List<int>();
        var requests = new List<int>();
        var started = new List<StartedDomain>();
        for (int i = 0; i < Many; i++)
        {
            (int before, int asked) = (_xen.Log.Count, _store.Log.Count);
            using var hypervisor = new Hypervisor(_xen);
            started.Add(Create(hypervisor, new XenDisk { Path = "/dev/vg/data", IsReadOnly = true }));
            calls.Add(_xen.Log.Count - before);
            requests.Add(_store.Log.Count - asked);
        }

        Assert.Equal(Many, _xen.Domains.Count);
        Assert.Single(calls.Distinct());
        Assert.Single(requests.Distinct());
        Assert.InRange(calls[0], 20, 80);
        Assert.InRange(requests[0], 50, 200);

        // They go at the same price.
        calls.Clear();
        requests.Clear();
        foreach (StartedDomain domain in started)
        {
            (int before, int asked) = (_xen.Log.Count, _store.Log.Count);
            using var hypervisor = new Hypervisor(_xen);
            ControlledDomain.Destroy(_place, hypervisor.FindDomain(domain.Built.Domain.Id)!);
            calls.Add(_xen.Log.Count - before);
            requests.Add(_store.Log.Count - asked);
        }

        Assert.Single(calls.Distinct());
        Assert.Single(requests.Distinct());
        Assert.Empty(_xen.Domains);
        Assert.Equal(0, _xen.Leaks);
        Assert.Equal(["/local/domain/0/name"], _store.Values.Keys);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    /// <summary>A name must be no other domain's, and xenstore has no list of names: each domain that is there costs one request more, as it does xl.</summary>
    [Fact]
    public void Name_costs_one_request_for_each_other_domain()
    {
        var requests = new List<int>();
        using var hypervisor = new Hypervisor(_xen);
        for (int i = 0; i < Many; i++)
        {
            int asked = _store.Log.Count;
            Create(hypervisor, new XenDisk { Path = "/dev/vg/data", IsReadOnly = true }, $"web-{i}").Dispose();
            requests.Add(_store.Log.Count - asked);
        }

        Assert.Equal(Enumerable.Range(requests[0], Many), requests);
    }

    /// <summary>Eight threads, each with a connection of its own, build domains of one decoded kernel: each is what one alone is, at the same price.</summary>
    [Fact]
    public void Eight_at_once_cost_what_one_does_and_are_the_same()
    {
        using var image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using DecodedKernel once = DecodedKernel.Decode(image);
        (int alone, byte[] expected) = Build(once);
        using var begin = new Barrier(AtOnce);
        var found = new (int Calls, byte[] Contents)[AtOnce];
        Thread[] threads = [.. Enumerable.Range(0, AtOnce).Select(number => new Thread(() =>
        {
            begin.SignalAndWait();
            found[number] = Build(once);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(1 + AtOnce, _xen.Domains.Count);
        Assert.Equal(1 + AtOnce, _xen.Domains.Keys.Distinct().Count());
        Assert.All(found, one => Assert.Equal(alone, one.Calls));
        Assert.All(found, one => Assert.True(expected.AsSpan().SequenceEqual(one.Contents), "the domains differ"));
        Assert.Equal(0, _xen.Leaks);
    }

    /// <summary>Builds a domain; its calls, and its memory but the pages that machine frames make differ.</summary>
    private (int Calls, byte[] Contents) Build(DecodedKernel once)
    {
        const int Pages = 4096;
        var own = new SharedXen(_xen);
        using var hypervisor = new Hypervisor(own);
        using Kernel kernel = once.Open();
        Pfn kernelEnd = default;
        PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Pages = Pages }, place =>
        {
            using XenPvDomain built = new XenPvBuilder
            {
                MemorySize = Pages * 4096UL,
                Target = place.Memory,
                Frames = place.Frames,
                SharedInfoFrame = place.SharedInfo,
                StorePort = place.StorePort,
                ConsolePort = place.ConsolePort,
            }.Build(kernel);
            kernelEnd = new Pfn((built.Placement.Start.Value + built.Placement.Length + 4095) / 4096);
            return PvDomainStart.Of(built);
        });
        return (own.Calls, own.Read(made.Domain.Id, kernelEnd));
    }

    private StartedDomain Create(Hypervisor hypervisor, XenDisk disk, string? name = null)
    {
        var devices = new DeviceRequest([.. XenDisk.NameAll([disk])], [new XenNic { Bridge = "br0" }]);
        var wanted = new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 }, Devices = devices, Name = name };
        return StartedDomain.Create(hypervisor, _place, wanted, _console, default);
    }
}
