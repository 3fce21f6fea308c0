using System.Text.Json;
using BootProtocol.Cli;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Rules;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Store;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>What a domain has in a pretended xenstore and beside it, so that others can work with it, and that all of it goes again.</summary>
public sealed class CitizenTests : PretendedXen
{
    [Fact]
    public void Domain_is_described_before_xenstored_serves_it()
    {
        int written = 0;
        Store.OnRequest = request => written = request.StartsWith("8 ", StringComparison.Ordinal) ? Store.Values.Count : written;
        using StartedDomain started = Create();
        Assert.Equal(written, Store.Values.Count);
        FakeDomain domain = Assert.Single(Xen.Domains.Values);
        Assert.Equal(2u, domain.MaxVCpus);
        var handle = new Guid(domain.Handle, bigEndian: true);
        BuiltRings built = started.Built;
        (string Key, string Value)[] expected =
        [
            ("", ""), ("attr", ""), ("console/port", $"{built.Console.Port}"), ("console/ring-ref", $"{built.Console.Frame.Value}"),
            ("console/type", "bootproto"), ("control/feature-poweroff", ""), ("control/feature-reboot", ""), ("control/feature-suspend", ""),
            ("control/platform-feature-multiprocessor-suspend", "1"), ("control/platform-feature-xs_reset_watches", "1"),
            ("control/shutdown", ""), ("control/sysrq", ""), ("cpu/0/availability", "online"), ("cpu/1/availability", "online"), ("data", ""),
            ("device/suspend/event-channel", ""), ("domid", "1"), ("drivers", ""), ("error", ""), ("feature", ""), ("memory/static-max", "16384"),
            ("memory/target", "16384"), ("name", "web"), ("store/port", $"{built.Store.Port}"), ("store/ring-ref", $"{built.Store.Frame.Value}"),
            ("vm", $"/vm/{handle}"),
        ];
        Assert.Equal(expected, Store.Values.Where(static pair => pair.Key.StartsWith("/local/domain/1", StringComparison.Ordinal))
            .Select(static pair => (pair.Key["/local/domain/1".Length..].TrimStart('/'), pair.Value)));
        Assert.Equal("web", Store.Values[$"/vm/{handle}/name"]);
        Assert.Equal($"{handle}", Store.Values[$"/vm/{handle}/uuid"]);
        Assert.Equal("n0 r1", Store.Permissions["/local/domain/1"]);
        Assert.Equal("n0 r1", Store.Permissions[$"/vm/{handle}"]);
        Assert.Equal("n1", Store.Permissions["/local/domain/1/control/shutdown"]);
        Assert.Equal(["1"], Store.Served);
        Assert.Equal(0, Store.Open);

        byte[] kept = File.ReadAllBytes(Folder.File($"userdata-d.1.{handle}.libxl-json"));
        Assert.Equal(0, kept[^1]);
        using var json = JsonDocument.Parse(kept.AsMemory(..^1));
        Assert.Equal("web", json.RootElement.GetProperty("c_info").GetProperty("name").GetString());
        Assert.Equal(handle, json.RootElement.GetProperty("c_info").GetProperty("uuid").GetGuid());
        JsonElement build = json.RootElement.GetProperty("b_info");
        Assert.Equal(2, build.GetProperty("max_vcpus").GetInt32());
        Assert.Equal([0, 1], build.GetProperty("avail_vcpus").EnumerateArray().Select(static cpu => cpu.GetInt32()));
        Assert.Equal(16384, build.GetProperty("target_memkb").GetInt32());
    }

    /// <summary>Each request to xenstored is refused once.</summary>
    [Fact]
    public void Refused_request_is_one_line_and_leaves_nothing()
    {
        string[] before = [.. Store.Values.Keys];
        int made = 0;
        for (int request = 1; ; request++)
        {
            int first = Store.Log.Count;
            Store.RefusedRequest = first + request;
            try
            {
                Create().Dispose();
                Assert.True(Store.Log.Count < Store.RefusedRequest, $"{Store.Log[^1]}: was refused, and nobody minded");
                made = request - 1;
                break;
            }
            catch (XenException refused)
            {
                Assert.Matches("^cannot [^\n]+: EIO, input or output failed$", refused.Message);
            }

            Assert.Empty(Xen.Domains);
            Assert.Equal(0, Xen.Leaks);
            Assert.Equal(before, Store.Values.Keys);
            Assert.Equal(0, Store.Open);
            Assert.Empty(Directory.GetFiles(Place.UserData));
        }

        Assert.InRange(made, 40, 70);
    }

    [Fact]
    public void Configuration_that_cannot_be_written_is_one_line_and_leaves_nothing()
    {
        string[] before = [.. Store.Values.Keys];
        Xen.OnStep = step =>
        {
            // Where the file would go, a folder is.
            if (step.StartsWith("map grants", StringComparison.Ordinal))
                Directory.CreateDirectory(Folder.File($"userdata-d.1.{new Guid(Xen.Domains[1].Handle, bigEndian: true)}.libxl-json"));
        };
        XenException refused = Assert.Throws<XenException>(Create);
        Assert.StartsWith("cannot write the configuration that xl reads (", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Xen.Domains);
        Assert.Equal(before, Store.Values.Keys);
    }

    [Fact]
    public void Destroyed_domain_leaves_nothing_whoever_wrote_it()
    {
        string[] before = [.. Store.Values.Keys];
        using StartedDomain started = Create();
        var handle = new Guid(Xen.Domains[1].Handle, bigEndian: true);
        Store.Values["/local/domain/0/backend/vbd/1/51712/state"] = "4";
        Store.Values["/local/domain/0/backend/vbd/2/51712/state"] = "4";
        Store.Values["/libxl/1/type"] = "pv";
        File.WriteAllText(Folder.File($"userdata-l.1.{handle}.domain-userdata-lock"), "");
        File.WriteAllText(Folder.File($"userdata-d.11.{handle}.libxl-json"), "");
        ControlledDomain.Destroy(Place, started.Built.Domain);
        Assert.Empty(Xen.Domains);
        Assert.Equal([.. before.Append("/local/domain/0/backend/vbd/2/51712/state").Order(StringComparer.Ordinal)], Store.Values.Keys);
        Assert.Equal($"userdata-d.11.{handle}.libxl-json", Path.GetFileName(Assert.Single(Directory.GetFiles(Place.UserData))));
    }

    [Theory]
    [InlineData("poweroff")]
    [InlineData("reboot")]
    public void Guest_is_asked_to_end(string wish)
    {
        using StartedDomain started = Create();
        ControlledDomain.Ask(Place, started.Built.Domain, wish);
        Assert.Equal(wish, Store.Values["/local/domain/1/control/shutdown"]);
    }

    [Fact]
    public void Guest_that_nobody_can_ask_is_told()
    {
        using StartedDomain started = Create();
        Store.Served.Clear();
        ToolException refused = Assert.Throws<ToolException>(() => ControlledDomain.Ask(Place, started.Built.Domain, "poweroff"));
        Assert.Equal("domain 1: xenstored does not serve it, so that it cannot be asked", refused.Message);
        ControlPlace nowhere = Place with { Connect = static () => null };
        refused = Assert.Throws<ToolException>(() => ControlledDomain.Ask(nowhere, started.Built.Domain, "poweroff"));
        Assert.Equal("domain 1: no xenstored runs here, through which it could be asked", refused.Message);
    }

    /// <summary>Xen is asked only when xenstored has announced an end.</summary>
    [Fact]
    public void End_is_heard()
    {
        using StartedDomain started = Create();
        XenDomain domain = started.Built.Domain;
        using (var end = DomainEnd.Open(domain, Store.Connect()))
        {
            Assert.Equal("4 @releaseDomain", Store.Log[^1]);
            Assert.False(end.HasCome());
            int asked = Xen.Log.Count;
            for (int i = 0; i < 10; i++)
                Assert.False(end.HasCome());
            Assert.Equal(asked, Xen.Log.Count);
            Store.Raise("@releaseDomain");
            Assert.False(end.HasCome());
            Assert.True(Xen.Log.Count > asked);
            domain.Destroy();
            Assert.False(end.HasCome());
            Store.Raise("@releaseDomain");
            Assert.True(end.Wait(TestContext.Current.CancellationToken));
            Assert.True(end.HasCome());
        }

        Assert.Equal(0, Store.Open);
    }

    /// <summary>Another domain with the same number is another one; that of 4.21 and later shows by its own number, others by their UUID.</summary>
    [Theory]
    [InlineData(20, false, true)]
    [InlineData(20, true, false)]
    [InlineData(22, false, true)]
    [InlineData(22, true, true)]
    public void Number_that_another_domain_gets_is_not_taken_for_the_first_one(int minor, bool hasSameHandle, bool isSeen)
    {
        var xen = FakeXen.Of(minor);
        using var hypervisor = new Hypervisor(xen);
        var first = XenDomain.Create(hypervisor, new DomainLimits());
        using var end = DomainEnd.Open(first, null);
        Assert.False(end.HasCome());
        FakeDomain gone = xen.Domains[first.Id];
        xen.Domains[first.Id] = new FakeDomain
        {
            Id = first.Id,
            UniqueId = gone.UniqueId + 1,
            Handle = hasSameHandle ? gone.Handle : [.. gone.Handle.Reverse()],
            SharedInfo = gone.SharedInfo,
        };
        Assert.Equal(isSeen, end.HasCome());
    }

    [Theory]
    [InlineData(17)]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    public void Xen_of_4_21_says_which_domain_it_is(int minor)
    {
        var xen = FakeXen.Of(minor);
        using var hypervisor = new Hypervisor(xen);
        var domain = XenDomain.Create(hypervisor, new DomainLimits());
        DomainExistence? existence = domain.TryGetExistence();
        using var end = DomainEnd.Open(domain, null);
        int asked = xen.Log.Count;
        Assert.False(end.HasCome());
        if (minor > 20)
        {
            Assert.Equal(DomainExistenceState.Exists, existence!.State);
            Assert.Equal(default, existence.Capabilities);
            Assert.Equal(xen.Domains[domain.Id].UniqueId, existence.UniqueId);
            Assert.Equal(["domctl 90"], xen.Log.Skip(asked).Where(static step => step.StartsWith("domctl", StringComparison.Ordinal)));
        }
        else
        {
            Assert.Null(existence);
            Assert.Equal(["domctl 5"], xen.Log.Skip(asked).Where(static step => step.StartsWith("domctl", StringComparison.Ordinal)));
        }

        xen.Domains[domain.Id].Reason = ShutdownReason.Suspend;
        Assert.False(end.HasCome());
        xen.Domains[domain.Id].Reason = ShutdownReason.Crash;
        Assert.True(end.HasCome());
        domain.Destroy();
        if (minor > 20)
            Assert.Equal(XenError.NoSuchDomain, Assert.Throws<XenException>(() => domain.TryGetExistence()).Error);
        using var late = DomainEnd.Open(domain, null);
        Assert.True(late.HasCome());
    }

    /// <summary>The map ends where the memory may grow to, Xen's limit where it is: who raises the one raises the other.</summary>
    [Fact]
    public void Domain_may_grow()
    {
        var wanted = new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 }, MaximumMemory = 64 << 20, Name = "web" };
        using var started = StartedDomain.Create(Hypervisor, Place, wanted, Console, default);
        FakeDomain domain = Assert.Single(Xen.Domains.Values);
        Assert.Equal(4096, domain.Frames.Count);
        Assert.Equal((16u << 10) + 1024, domain.MaxKibibytes);
        Assert.Equal(64u << 20, BitConverter.ToUInt64(domain.MemoryMap, 8));
        Assert.Equal($"{64 << 10}", Store.Values["/local/domain/1/memory/static-max"]);
        Assert.Equal($"{16 << 10}", Store.Values["/local/domain/1/memory/target"]);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Assert.Single(Directory.GetFiles(Place.UserData))).AsMemory(..^1));
        Assert.Equal(64 << 10, json.RootElement.GetProperty("b_info").GetProperty("max_memkb").GetInt32());
        Assert.Equal(16 << 10, json.RootElement.GetProperty("b_info").GetProperty("target_memkb").GetInt32());
    }

    [Theory]
    [InlineData(BootWay.XenPv, 8, "--maxmem: expected at least as much as --memory, and less than 8 TiB")]
    [InlineData(BootWay.XenPv, 8 << 20, "--maxmem: expected at least as much as --memory, and less than 8 TiB")]
    [InlineData(BootWay.Pvh, 32, "--maxmem: a PVH domain has no more than --memory")]
    [InlineData(BootWay.Pvh, 16, null)]
    public void Maximum_that_cannot_be_is_refused(BootWay way, ulong mebibytes, string? expected)
    {
        var domain = new DomainRequest { IsSample = true, Memory = 16 << 20, Way = way };
        var wanted = new StartRequest { Domain = domain, MaximumMemory = mebibytes << 20 };
        if (expected is null)
            StartedDomain.Create(Hypervisor, Place, wanted, Console, default).Dispose();
        else
            Assert.Equal(expected, Assert.Throws<ToolException>(() => StartedDomain.Create(Hypervisor, Place, wanted, Console, default)).Message);
        Assert.Equal(expected is null ? 1 : 0, Xen.Domains.Count);
    }

    [Theory]
    [InlineData(ShutdownReason.PowerOff, true)]
    [InlineData(ShutdownReason.Reboot, true)]
    [InlineData(ShutdownReason.Crash, true)]
    [InlineData(ShutdownReason.Suspend, false)]
    public void Domain_that_is_being_saved_has_not_ended(ShutdownReason reason, bool hasEnded)
    {
        using StartedDomain started = Create();
        Xen.Domains[1].Reason = reason;
        Assert.Equal(hasEnded, started.Built.Domain.HasEnded());
    }

    [Theory]
    [InlineData(ShutdownReason.PowerOff, EndAction.Destroy)]
    [InlineData(ShutdownReason.Reboot, EndAction.Restart)]
    [InlineData(ShutdownReason.Crash, EndAction.Preserve)]
    [InlineData(ShutdownReason.Suspend, EndAction.None)]
    [InlineData(null, EndAction.None)]
    public void End_has_an_action(ShutdownReason? reason, object action)
    {
        using StartedDomain started = Create();
        var ends = new EndActions(EndAction.Destroy, EndAction.Restart, EndAction.Preserve);
        Xen.Domains[1].Reason = reason;
        Assert.Equal(action, ends.Of(started.Built.Domain));
        Xen.Domains.Clear();
        Assert.Equal(EndAction.None, ends.Of(started.Built.Domain));
    }

    /// <summary>xl saves a domain whose console this tool shows, and removes it: there is nothing left to destroy.</summary>
    [Fact]
    public void Domain_that_somebody_else_ended_is_not_destroyed_again()
    {
        using StartedDomain started = Create();
        int left = 0;
        ControlledDomain.Use(Place, started.Built.Domain, destroyAtEnd: true, () =>
        {
            Xen.Domains.Clear();
            left = Store.Values.Count;
        });
        Assert.Equal(left, Store.Values.Count);
    }

    [Fact]
    public void End_of_a_domain_that_is_not_served_is_asked_for()
    {
        using StartedDomain started = Create();
        Store.Served.Clear();
        using var end = DomainEnd.Open(started.Built.Domain, Store.Connect());
        Assert.Equal(0, Store.Open);
        Assert.False(end.HasCome());
        started.Built.Domain.Destroy();
        Assert.True(end.HasCome());
    }

    /// <summary>Events come between a request and its answer, and are neither lost nor taken for it.</summary>
    [Fact]
    public void Events_before_an_answer_are_kept()
    {
        using StoreClient client = Store.Connect();
        client.Watch("/local/domain/0/name");
        Assert.True(client.WaitForEvent(TimeSpan.Zero));
        Assert.False(client.WaitForEvent(TimeSpan.Zero));
        Store.OnRequest = _ => Store.Raise("/local/domain/0/name");
        Assert.Equal("Domain-0", client.Read("/local/domain/0/name"));
        Assert.Equal(["name"], client.List("/local/domain/0"));
        Assert.Empty(client.List("/vm"));
        Store.OnRequest = null;
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => client.WaitForEvent(TimeSpan.Zero)));
    }

    /// <summary>What xl reads of a PVH domain calls it one; the rings are named by the domain's own frames.</summary>
    [Fact]
    public void Domain_of_PVH_is_described_as_one()
    {
        var request = new DomainRequest { IsSample = true, Memory = 16 << 20, Way = BootWay.Pvh };
        using var started = StartedDomain.Create(
            Hypervisor, Place, new StartRequest { Domain = request, VCpus = 2, Name = "fast" }, Console, default);
        FakeDomain domain = Assert.Single(Xen.Domains.Values);
        Assert.True(domain.IsHvm);
        Assert.Equal($"{0xfefff}", Store.Values["/local/domain/1/console/ring-ref"]);
        Assert.Equal($"{0xfeffc}", Store.Values["/local/domain/1/store/ring-ref"]);
        byte[] kept = File.ReadAllBytes(Assert.Single(Directory.GetFiles(Place.UserData)));
        using var json = JsonDocument.Parse(kept.AsMemory(..^1));
        Assert.Equal("pvh", json.RootElement.GetProperty("c_info").GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Object, json.RootElement.GetProperty("b_info").GetProperty("type.pvh").ValueKind);
    }

    [Theory]
    [InlineData(128, 16, "--vcpus: expected at most 127 for --boot pvh, found '128'")]
    [InlineData(1, 1, "--memory: expected more than 1 MiB for --boot pvh")]
    public void Domain_of_PVH_that_cannot_be_is_refused(uint vcpus, ulong mebibytes, string expected)
    {
        var request = new DomainRequest { IsSample = true, Memory = mebibytes << 20, Way = BootWay.Pvh };
        ToolException refused = Assert.Throws<ToolException>(
            () => StartedDomain.Create(
                Hypervisor, Place, new StartRequest { Domain = request, VCpus = vcpus, Name = "fast" }, Console, default));
        Assert.Equal(expected, refused.Message);
        Assert.Empty(Xen.Domains);
    }

    private StartedDomain Create() =>
        StartedDomain.Create(
            Hypervisor,
            Place,
            new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 }, VCpus = 2, Name = "web" },
            Console,
            default);
}
