using BootProtocol.Cli;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Control;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;
using BootProtocol.Xen.Host;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>Disks that are in use elsewhere are refused before anything is made, unless everybody only reads them.</summary>
public sealed class DiskSharingTests : PretendedXen
{
    /// <summary>Whoever writes is alone, by whatever name.</summary>
    [Theory]
    [InlineData("/dev/vg/data", false, "/dev/vg/data", false, "/dev/vg/data is in use: domain 1 writes to it")]
    [InlineData("/dev/vg/data", false, "/dev/vg/data", true, "/dev/vg/data is in use: domain 1 writes to it")]
    [InlineData("/dev/vg/data", true, "/dev/vg/data", false, "/dev/vg/data is in use: domain 1 reads it")]
    [InlineData("/dev/vg/data", true, "/dev/vg/data", true, null)]
    [InlineData("/srv/web.img", false, "/srv/link", false, "/srv/link is /dev/loop0, which is in use: domain 1 writes to it")]
    [InlineData("/srv/web.img", true, "/srv/link", false, "/srv/link is /dev/loop0, which is in use: domain 1 reads it")]
    [InlineData("/srv/web.img", true, "/srv/link", true, null)]
    [InlineData("/srv/web.img", false, "/dev/loop0", false, "/dev/loop0 is in use: domain 1 writes to it")]
    [InlineData("/srv/web.img", false, "/srv/other.img", false, null)]
    public void Disk_of_two_domains_is_for_reading(string first, bool isFirstReadOnly, string second, bool isSecondReadOnly, string? expected)
    {
        using StartedDomain one = Create(new XenDisk { Path = first, IsReadOnly = isFirstReadOnly });
        string[] before = [.. Store.Values.Keys];
        var disk = new XenDisk { Path = second, IsReadOnly = isSecondReadOnly };
        if (expected is null)
        {
            using StartedDomain other = Create(disk);
            Assert.Equal(2, Xen.Domains.Count);
            return;
        }

        Assert.Equal($"cannot attach the disk xvda ({expected})", Assert.Throws<XenException>(() => Create(disk)).Message);
        Assert.Equal(1, Xen.Log.Count(static step => step == "domctl 1"));
        Assert.Equal(before, Store.Values.Keys);

        // Once the first one is gone, the disk is free.
        ControlledDomain.Destroy(Place, one.Built.Domain);
        Devices.Loops.Clear();
        using StartedDomain later = Create(disk);
    }

    [Theory]
    [InlineData(false, false, "cannot attach the disk xvdb (/srv/link is the disk xvda of the same domain)")]
    [InlineData(true, false, "cannot attach the disk xvdb (/srv/link is the disk xvda of the same domain)")]
    [InlineData(true, true, null)]
    public void Disk_is_there_once(bool isFirstReadOnly, bool isSecondReadOnly, string? expected)
    {
        XenDisk[] disks = [new() { Path = "/srv/web.img", IsReadOnly = isFirstReadOnly }, new() { Path = "/srv/link", IsReadOnly = isSecondReadOnly }];
        if (expected is null)
            Create(disks).Dispose();
        else
            Assert.Equal(expected, Assert.Throws<XenException>(() => Create(disks)).Message);
        Assert.Equal(expected is null ? 1 : 0, Xen.Domains.Count);
    }

    [Theory]
    [InlineData("/dev/vg/data", "/dev/vg/data", "/dev/vg/data is mounted at /srv")]
    [InlineData("/srv/web.img", "/dev/loop3", "/srv/web.img is /dev/loop3, which is mounted at /srv")]
    public void Disk_that_the_control_domain_uses_is_refused(string path, string held, string expected)
    {
        Devices.Files["/dev/loop3"] = new FileStatus(FileKind.Block, 7, 3);
        Devices.Loops["/dev/loop3"] = "/srv/web.img";
        Devices.Holders[held] = "is mounted at /srv";
        Assert.Equal($"cannot attach the disk xvda ({expected})", Assert.Throws<XenException>(() => Create(new XenDisk { Path = path })).Message);
        Assert.Empty(Xen.Domains);
        Create(new XenDisk { Path = path, IsReadOnly = true }).Dispose();
    }

    /// <summary>A domain that xl has given a disk by way of QEMU.</summary>
    [Theory]
    [InlineData("aio:/srv/web.img", "w", true, "domain 9 writes to it")]
    [InlineData("aio:/srv/web.img", "r", false, "domain 9 reads it")]
    [InlineData("aio:/srv/web.img", "r", true, null)]
    [InlineData("aio:/srv/other.img", "w", false, null)]
    [InlineData("aio:/nowhere", "w", false, null)]
    public void Disk_that_QEMU_serves_is_in_use(string parameters, string mode, bool isReadOnly, string? expected)
    {
        Store.Values["/local/domain/0/backend/qdisk/9/51712/params"] = parameters;
        Store.Values["/local/domain/0/backend/qdisk/9/51712/mode"] = mode;
        var disk = new XenDisk { Path = "/srv/web.img", IsReadOnly = isReadOnly };
        if (expected is null)
            Create(disk).Dispose();
        else
            Assert.Equal($"cannot attach the disk xvda (/srv/web.img is in use: {expected})", Assert.Throws<XenException>(() => Create(disk)).Message);
    }

    /// <summary>Two that start at the same time do not see each other beforehand: the driver has opened the disk for both when they look again.</summary>
    [Fact]
    public void Disk_that_another_domain_opens_meanwhile_is_refused()
    {
        Store.OnRequest = request =>
        {
            if (request == "11 /local/domain/0/backend/vbd/1/51712/physical-device")
            {
                Store.Values["/local/domain/0/backend/vbd/5/51712/physical-device"] = "fd:11";
                Store.Values["/local/domain/0/backend/vbd/5/51712/mode"] = "w";
            }

            Devices.Drive();
        };
        Assert.Equal(
            "cannot attach the disk xvda (/dev/vg/data is in use: domain 5 writes to it)",
            Assert.Throws<XenException>(() => Create(new XenDisk { Path = "/dev/vg/data" })).Message);
        Assert.Empty(Xen.Domains);
    }

    /// <summary>The files of /proc and /sys, as a real control domain has them.</summary>
    [Fact]
    public void Files_of_the_kernel_are_read()
    {
        Put("proc/self/mountinfo", """
            21 1 0:20 / /proc rw,nosuid - proc proc rw
            22 1 253:17 / /srv/web\040root rw,relatime shared:1 - ext4 /dev/vg/data rw,errors=remount-ro
            23 1 8:1 / /boot ro,relatime - ext4 /dev/sda1 rw
            24 1 8:2 / /media ro - iso9660 /dev/sda2 ro,noload
            25
            """);
        Put("sys/block/loop0/loop/backing_file", "/srv/web.img\n");
        Put("sys/block/loop1/size", "0\n");
        Put("sys/bus/xen-backend/devices/vbd-3-51712/physical_device", "fd:11\n");
        Put("sys/bus/xen-backend/devices/vbd-3-51712/mode", "w\n");
        Put("sys/bus/xen-backend/devices/vbd-4-51728/physical_device", "7:0\n");
        Put("sys/bus/xen-backend/devices/vbd-4-51728/mode", "r\n");
        Put("sys/bus/xen-backend/devices/vbd-5-51712/mode", "w\n");
        Put("sys/bus/xen-backend/devices/vif-3-0/state", "");
        Put("sys/dev/block/8:3/holders/dm-0", "");
        Directory.CreateDirectory(Folder.File("sys/dev/block/8:1/holders"));
        var uses = new DiskUses(Folder.Path);
        Assert.Equal([("/dev/loop0", "/srv/web.img")], uses.Loops());
        Assert.Equal([new OpenDisk(3, 51712, 253, 17, false), new OpenDisk(4, 51728, 7, 0, true)], uses.OpenDisks());
        Assert.Equal("is mounted at /srv/web root", uses.FindMount(253, 17, isReadOnly: false));
        Assert.Equal("is mounted at /boot", uses.FindMount(8, 1, isReadOnly: true));
        Assert.Equal("is mounted at /media", uses.FindMount(8, 2, isReadOnly: false));
        Assert.Null(uses.FindMount(8, 2, isReadOnly: true));
        Assert.Null(uses.FindMount(8, 3, isReadOnly: false));
        Assert.Equal("is a part of dm-0", uses.FindHolder(8, 3));
        Assert.Null(uses.FindHolder(8, 1));
        Assert.Null(uses.FindHolder(8, 9));
        var nothing = new DiskUses(Folder.File("nowhere"));
        Assert.Empty(nothing.Loops());
        Assert.Empty(nothing.OpenDisks());
        Assert.Null(nothing.FindMount(8, 1, isReadOnly: false));
    }

    /// <summary>This machine's own kernel: what a file is does not hang on its name.</summary>
    [Fact]
    public void Machine_is_asked()
    {
        var host = new NativeDeviceHost();
        File.WriteAllText(Folder.File("disk"), "x");
        File.CreateSymbolicLink(Folder.File("link"), Folder.File("disk"));
        File.WriteAllText(Folder.File("other"), "x");
        string[] names = ["disk", "link", "other"];
        FileStatus[] files = [.. names.Select(name => host.Look(Folder.File(name), out FileStatus status) == 0 ? status : default)];
        Assert.True(files[0].IsSame(files[1]));
        Assert.False(files[0].IsSame(files[2]));
        Assert.Equal(FileKind.Regular, files[0].Kind);
        Assert.Empty(host.LoopsOf(files[0]));
        Assert.Null(host.FindHolder(Folder.File("disk"), new FileStatus(FileKind.Block, 4095, 1), isReadOnly: true));
    }

    private void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Folder.File(path))!);
        File.WriteAllText(Folder.File(path), text.ReplaceLineEndings("\n"));
    }

    private StartedDomain Create(params XenDisk[] disks)
    {
        var devices = new DeviceRequest([.. XenDisk.NameAll(disks)], []);
        var wanted = new StartRequest { Domain = new DomainRequest { IsSample = true, Memory = 16 << 20 }, Devices = devices };
        return StartedDomain.Create(Hypervisor, Place, wanted, Console, default);
    }
}
