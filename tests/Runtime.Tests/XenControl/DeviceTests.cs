using System.Net.NetworkInformation;
using System.Text.Json;
using BootProtocol.Cli;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Store;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>Disks and network cards of domains of a pretended Xen, and that nothing of them is left, whatever fails.</summary>
public sealed class DeviceTests : PretendedXen
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(20);
    private static readonly XenNic _nic = new() { Bridge = "br0", Mac = new PhysicalAddress([0, 0x16, 0x3e, 1, 2, 0xab]) };

    /// <summary>The nodes are those of <c>xl create</c>, as a real xenstored had them.</summary>
    [Fact]
    public void Disk_is_described_as_xl_does()
    {
        using StartedDomain started = Create([new XenDisk { Path = "/dev/vg/data" }], []);
        Assert.Equal(
            [
                "bootable=1", "dev=xvda", "device-type=disk", "discard-enable=1", "frontend=/local/domain/1/device/vbd/51712", "frontend-id=1",
                "hotplug-status=connected", "mode=w", "online=1", "params=/dev/vg/data", "physical-device=fd:11", "physical-device-path=/dev/vg/data",
                "removable=0", "script=/etc/xen/scripts/block", "specification=xen", "state=2", "type=phy",
            ],
            Under("/local/domain/0/backend/vbd/1/51712/"));
        Assert.Equal(
            ["backend=/local/domain/0/backend/vbd/1/51712", "backend-id=0", "device-type=disk", "state=1", "trusted=1", "virtual-device=51712"],
            Under("/local/domain/1/device/vbd/51712/"));
        Assert.Equal(
            [
                "backend=/local/domain/0/backend/vbd/1/51712", "bootable=1", "dev=xvda", "device-type=disk", "discard-enable=1",
                "frontend=/local/domain/1/device/vbd/51712", "frontend-id=1", "mode=w", "online=1", "params=/dev/vg/data", "removable=0",
                "script=/etc/xen/scripts/block", "specification=xen", "state=1", "type=phy",
            ],
            Under("/libxl/1/device/vbd/51712/"));
        Assert.Equal("n0 r1", Store.Permissions["/local/domain/0/backend/vbd/1/51712"]);
        Assert.Equal("n1 r0", Store.Permissions["/local/domain/1/device/vbd/51712"]);
        Assert.Empty(Devices.Log);
    }

    [Fact]
    public void Network_card_is_described_as_xl_does_and_put_into_its_bridge()
    {
        using StartedDomain started = Create([], [_nic]);
        Assert.Equal(
            [
                "bridge=br0", "frontend=/local/domain/1/device/vif/0", "frontend-id=1", "handle=0", "hotplug-status=connected",
                "mac=00:16:3e:01:02:ab", "online=1", "script=/etc/xen/scripts/vif-bridge", "state=2", "type=vif",
            ],
            Under("/local/domain/0/backend/vif/1/0/"));
        Assert.Equal(
            ["backend=/local/domain/0/backend/vif/1/0", "backend-id=0", "handle=0", "mac=00:16:3e:01:02:ab", "state=1", "trusted=1"],
            Under("/local/domain/1/device/vif/0/"));
        Assert.Equal(["vif1.0 br0"], Devices.Log);
    }

    [Fact]
    public void File_becomes_a_loop_device_and_xl_finds_the_file_in_the_configuration()
    {
        using StartedDomain started = Create([new XenDisk { Path = "/srv/web.img", IsReadOnly = true, Name = "xvdc2" }], [_nic]);
        Assert.Equal(["/dev/loop0 /srv/web.img ro", "vif1.0 br0"], Devices.Log);
        Assert.Contains("params=/dev/loop0", Under("/local/domain/0/backend/vbd/1/51746/"));
        Assert.Contains("physical-device=7:0", Under("/local/domain/0/backend/vbd/1/51746/"));
        Assert.Contains("mode=r", Under("/local/domain/0/backend/vbd/1/51746/"));
        string kept = File.ReadAllText(Assert.Single(Directory.GetFiles(Folder.Path))).TrimEnd('\0');
        using var json = JsonDocument.Parse(kept);
        Assert.Equal(
            """[{"pdev_path":"/srv/web.img","vdev":"xvdc2","backend":"phy","format":"raw","readwrite":0}]""",
            json.RootElement.GetProperty("disks").GetRawText());
        Assert.Equal(
            """[{"devid":0,"mac":"00:16:3e:01:02:ab","bridge":"br0","nictype":"vif"}]""", json.RootElement.GetProperty("nics").GetRawText());
    }

    /// <summary>The numbers are those of Xen's own documentation.</summary>
    [Theory]
    [InlineData("xvda", 51712u)]
    [InlineData("xvda1", 51713u)]
    [InlineData("xvda15", 51727u)]
    [InlineData("xvdb", 51728u)]
    [InlineData("xvdp", 51952u)]
    [InlineData("xvdq", 268439552u)]
    [InlineData("xvdz3", 268441859u)]
    [InlineData("xvda16", null)]
    [InlineData("xvda0", null)]
    [InlineData("xvda01", null)]
    [InlineData("xvda+1", null)]
    [InlineData("xvd", null)]
    [InlineData("xvdA", null)]
    [InlineData("xvdaa", null)]
    [InlineData("sda", null)]
    public void Name_has_a_number(string name, uint? number) => Assert.Equal(number, XenDisk.NumberOf(name));

    [Fact]
    public void Disks_without_names_get_those_that_are_left()
    {
        string?[] names = ["xvdb1", null, "xvdb2", null];
        Assert.Equal(
            ["xvdb1", "xvda", "xvdb2", "xvdc"],
            XenDisk.NameAll([.. names.Select(static name => new XenDisk { Path = "/d", Name = name })]).Select(static disk => disk.Name));
        Assert.Equal(26, XenDisk.NameAll([.. Enumerable.Repeat(new XenDisk { Path = "/d" }, 26)]).Select(static disk => disk.Name).Distinct().Count());
        Assert.Equal(
            "cannot attach the disk /d (a domain has at most 26 disks)",
            Assert.Throws<XenException>(() => XenDisk.NameAll([.. Enumerable.Repeat(new XenDisk { Path = "/d" }, 27)])).Message);
        XenDisk[] twice = [new XenDisk { Path = "/d", Name = "xvdb" }, new XenDisk { Path = "/e", Name = "xvdb" }];
        Assert.Equal(
            "cannot attach the disk /e (another one has the name xvdb)",
            Assert.Throws<XenException>(() => XenDisk.NameAll([.. twice])).Message);
    }

    /// <summary>Of 2²³ addresses two of fifty are the same once in 7000 runs; three pairs are once in 10¹³.</summary>
    [Fact]
    public void Addresses_are_random_and_of_xen()
    {
        byte[][] addresses = [.. Enumerable.Range(0, 50).Select(static _ => new XenNic().Mac.GetAddressBytes())];
        Assert.All(addresses, static address => Assert.Equal([0, 0x16, 0x3e], address[..3]));
        Assert.All(addresses, static address => Assert.InRange(address[3], 0, 0x7f));
        Assert.InRange(addresses.Select(Convert.ToHexString).Distinct().Count(), 48, 50);
    }

    /// <summary>What can be found out before there is a domain is.</summary>
    [Theory]
    [InlineData("cannot attach the disk xvda: ENOENT, there is no such thing (/nowhere)", "/nowhere")]
    [InlineData("cannot attach the disk xvda (/dev/null is neither a block device nor an ordinary file)", "/dev/null")]
    [InlineData("cannot attach the disk xvda (/dev/loop-control is missing: the module loop is not loaded)", "/srv/web.img", "no loops")]
    [InlineData("cannot attach disks (the module xen-blkback is not loaded)", "/dev/vg/data", "no vbd")]
    [InlineData("cannot attach network cards (the module xen-netback is not loaded)", "/dev/vg/data", "no vif")]
    [InlineData("cannot attach a network card (there is no bridge 'br0')", "/dev/vg/data", "no bridge")]
    public void Missing_part_is_one_line_before_anything_is_made(string expected, string disk, string missing = "")
    {
        Devices.HasLoops = missing != "no loops";
        Devices.Drivers.ExceptWith([missing.Replace("no ", "", StringComparison.Ordinal)]);
        if (missing == "no bridge")
            Devices.Bridges.Clear();
        Assert.Equal(expected, Assert.Throws<XenException>(() => Create([new XenDisk { Path = disk }], [_nic])).Message);
        Assert.DoesNotContain("domctl 1", Xen.Log);
        Assert.Equal(0, Store.Open);
    }

    [Theory]
    [InlineData("br0/..")]
    [InlineData("")]
    [InlineData("a-name-of-16-char")]
    public void Name_that_no_bridge_can_have_is_refused(string name)
    {
        Devices.Bridges.Add(name);
        Assert.Equal(
            $"cannot attach a network card (there is no bridge '{name}')",
            Assert.Throws<XenException>(() => Create([], [_nic with { Bridge = name }])).Message);
    }

    [Fact]
    public void Address_of_many_cards_is_refused() => Assert.Equal(
        "cannot attach a network card ('01:00:00:00:00:00' is no address of one card)",
        Assert.Throws<XenException>(() => Create([], [_nic with { Mac = new PhysicalAddress([1, 0, 0, 0, 0, 0]) }])).Message);

    [Fact]
    public void Devices_need_xenstored()
    {
        ControlPlace nowhere = Place with { Connect = static () => null };
        Assert.Equal(
            "no xenstored runs here, through which a domain could have disks and network cards",
            Assert.Throws<ToolException>(() => new DeviceRequest([], [_nic]).Check(nowhere)).Message);
        DeviceRequest.None.Check(nowhere);
    }

    /// <summary>What fails later is one line that names the step, and leaves nothing.</summary>
    [Theory]
    [InlineData("blind", "cannot attach the disk xvda (its driver is at state 1 after 0.02 s)")]
    [InlineData("closed", "cannot attach the disk xvda (its driver is at state 2 after 0.02 s)")]
    [InlineData("complains", "cannot attach the disk xvda (its driver says: 2 creating vbd structure)")]
    [InlineData("loop", "cannot make a block device of /srv/web.img: EBUSY, in use")]
    [InlineData("no link", "cannot attach the network card vif1.0 (its driver is at state 2 after 0.02 s)")]
    [InlineData("join", "cannot put vif1.0 into the bridge br0: ENODEV, no such device")]
    public void Failed_step_is_one_line_and_leaves_nothing(string failure, string expected)
    {
        string[] before = [.. Store.Values.Keys];
        Devices.IsBlind = failure == "blind";
        Devices.OpensNothing = failure == "closed";
        Devices.Complaint = failure == "complains" ? "2 creating vbd structure" : null;
        Devices.MissingLooks = failure == "no link" ? int.MaxValue : 3;
        if (expected.Contains(" after ", StringComparison.Ordinal))
            Devices.Patience = _short;
        Devices.Refused = failure;
        Assert.Equal(expected, Assert.Throws<XenException>(() => Create([new XenDisk { Path = "/srv/web.img" }], [_nic])).Message);
        Assert.Contains("domctl 1", Xen.Log);
        AssertNothingLeft(before);
    }

    [Fact]
    public void Interrupted_wait_leaves_nothing()
    {
        string[] before = [.. Store.Values.Keys];
        Devices.OpensNothing = true;
        using var interruption = new CancellationTokenSource();
        Devices.OnPause = interruption.Cancel;
        Assert.Throws<OperationCanceledException>(() => Create([new XenDisk { Path = "/srv/web.img" }], [], interruption.Token));
        AssertNothingLeft(before);
    }

    /// <summary>Each request to xenstored is refused once; what is left of the domain itself goes in other ways.</summary>
    [Fact]
    public void Refused_request_is_one_line_and_leaves_nothing()
    {
        string[] before = [.. Store.Values.Keys];
        int refusals = 0;
        for (bool isRefused = true; isRefused; refusals++)
        {
            using StoreClient store = Store.Connect();
            Store.RefusedRequest = Store.Log.Count + refusals + 1;
            try
            {
                Place.Devices.Attach(store, 1, [new XenDisk { Path = "/srv/web.img" }], [_nic], TestContext.Current.CancellationToken);
                isRefused = false;
                Assert.True(Store.Log.Count < Store.RefusedRequest, $"{Store.Log[^1]}: was refused, and nobody minded");
            }
            catch (XenException refused)
            {
                Assert.Matches("^cannot [^\n]+: EIO, input or output failed$", refused.Message);
                Assert.Equal(before, Store.Values.Keys);
            }
        }

        Assert.InRange(refusals, 80, 150);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Destroyed_domain_leaves_no_devices(bool keepsDevices)
    {
        string[] before = [.. Store.Values.Keys];
        using StartedDomain started = Create([new XenDisk { Path = "/srv/web.img" }], [_nic, _nic]);
        Devices.KeepsDevices = keepsDevices;
        if (keepsDevices)
            Devices.Patience = _short;
        ControlledDomain.Destroy(Place, started.Built.Domain);
        AssertNothingLeft(before);
    }

    private void AssertNothingLeft(string[] before)
    {
        Assert.Empty(Xen.Domains);
        Assert.Equal(0, Xen.Leaks);
        Assert.Equal(before, Store.Values.Keys);
        Assert.Equal(0, Store.Open);
        Assert.Empty(Directory.GetFiles(Folder.Path));
    }

    private string[] Under(string path) =>
        [.. Store.Values.Where(pair => pair.Key.StartsWith(path, StringComparison.Ordinal)).Select(pair => $"{pair.Key[path.Length..]}={pair.Value}")];

    private StartedDomain Create(XenDisk[] disks, XenNic[] nics, CancellationToken interruption = default)
    {
        var devices = new DeviceRequest([.. XenDisk.NameAll(disks)], [.. nics]);
        var wanted = new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 }, Name = "web", Devices = devices };
        return StartedDomain.Create(Hypervisor, Place, wanted, Console, interruption);
    }
}
