using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>What a control domain needs to give domains disks and network cards, and what the tool says where something is missing.</summary>
internal static class DeviceSteps
{
    /// <summary>The bridge; the control domain's own address in it is the first one.</summary>
    private const string Bridge = "br0";
    private const string ControlAddress = "10.9.0.1";
    private const string GuestAddress = "10.9.0.2";

    private const string Disk = "/tmp/disk";
    private const string FromControl = "hello from the control domain";
    private const string FromGuest = "hello from the guest";

    /// <summary>Options of <c>bootproto xen start</c>.</summary>
    public const string Options = $"--disk {Disk} --nic bridge={Bridge}";

    /// <summary>What is left of devices: by xenstore, by the drivers, and by what they used.</summary>
    public const string Kept = """
        for kind in vbd vif; do
            xenstore list /local/domain/0/backend/$kind 2> /dev/null
            xenstore list /local/domain/0/error/backend/$kind 2> /dev/null
        done
        ls /sys/bus/xen-backend/devices /sys/class/net
        losetup -a
        """;

    /// <summary>What the guest does: it reads and writes the disk, and reaches the control domain.</summary>
    public const string Guest = $"""
        /busybox insmod /xen-blkfront.ko
        /busybox insmod /xen-netfront.ko
        until [ -b /dev/xvda ]; do
            /busybox usleep 100000
        done
        /busybox head -n 1 /dev/xvda
        /busybox echo "{FromGuest}" | /busybox dd of=/dev/xvda bs=512 seek=1 conv=fsync 2> /dev/null
        until /busybox ip link set eth0 up 2> /dev/null; do
            /busybox usleep 100000
        done
        /busybox ip addr add {GuestAddress}/24 dev eth0
        until /busybox ping -c 1 -W 2 {ControlAddress}; do
            /busybox sleep 1
        done
        """;

    /// <summary>One packet; the first one after a start may be lost.</summary>
    public const string Ping = $"ping -c 1 -W 2 {GuestAddress} > /dev/null";

    private static readonly (string Arguments, string Expected)[] _refusals =
    [
        ("--disk /nowhere", "cannot attach the disk xvda: ENOENT, there is no such thing (/nowhere)"),
        ("--disk /dev/null", "cannot attach the disk xvda (/dev/null is neither a block device nor an ordinary file)"),
        ("--nic", "cannot attach a network card (there is no bridge 'xenbr0')"),
        ($"--disk {Disk} --nic bridge=br1", "cannot attach a network card (there is no bridge 'br1')"),
    ];

    /// <summary>
    /// Adds the steps that come before a domain with devices. Xen's own tool calls scripts when it saves and restores a domain; those of a
    /// distribution need its shell and tools, so these do as little as has to be done.
    /// </summary>
    public static void Add(ControlDomain control)
    {
        control.AddStep("devices-no-loop", $"echo '{FromControl}' > {Disk}; truncate -s 1M {Disk}; {Start($"--disk {Disk}")}");
        control.AddStep("devices-no-driver", $"insmod /modules/loop.ko; {Start($"--disk {Disk}")}");
        control.AddStep("devices", $"""
            for module in llc stp bridge xen-blkback xen-netback; do
                insmod /modules/$module.ko || exit
            done
            brctl addbr {Bridge} && ip addr add {ControlAddress}/24 dev {Bridge} && ip link set {Bridge} up || exit
            mkdir /etc/xen/scripts
            cat > /etc/xen/scripts/block << 'END'
            #!/bin/sh
            export PATH=/bin
            file=$(xenstore read $XENBUS_PATH/params)
            if [ $1 = add ]; then
                device=$(losetup -f)
                losetup $device $file
                xenstore write $XENBUS_PATH/node $device
                xenstore write $XENBUS_PATH/physical-device $(stat -c %t:%T $device)
                xenstore write $XENBUS_PATH/hotplug-status connected
            elif [ -f $file ]; then
                losetup -d $(xenstore read $XENBUS_PATH/node)
            fi
            END
            cat > /etc/xen/scripts/vif-bridge << 'END'
            #!/bin/sh
            export PATH=/bin
            [ $1 = online ] || exit 0
            brctl addif $(xenstore read $XENBUS_PATH/bridge) $vif
            ip link set $vif up
            xenstore write $XENBUS_PATH/hotplug-status connected
            END
            chmod +x /etc/xen/scripts/*
            """);
        control.AddStep("devices-refused", string.Join('\n', _refusals.Select(static refusal => Start(refusal.Arguments))) + "\nexit 0");
    }

    /// <summary>Adds the step in which disks are asked for that are in use: by a domain that has <see cref="Disk"/>, by a swap area, and by readers.</summary>
    public static void AddInUse(ControlDomain control) => control.AddStep("devices-in-use", $"""
        {Start($"--disk {Disk}")}
        {Start($"--disk {Disk},ro")}
        {Start("--disk /dev/loop0")}
        truncate -s 1M /tmp/swap /tmp/read
        device=$(losetup -f)
        losetup $device /tmp/swap && mkswap $device > /dev/null && swapon $device || exit
        {Start("--disk /tmp/swap")} 2>&1 | sed "s|$device|DEVICE|" >&2
        swapoff $device && losetup -d $device || exit
        for name in one two; do
            bootproto xen start --sample --paused --disk /tmp/read,ro --name reader-$name || exit
        done
        {Start("--disk /tmp/read")} 2>&1 | sed 's|/dev/loop[0-9]*|DEVICE|; s|domain [0-9]*|domain N|' >&2
        {Start("--disk /tmp/swap --disk /tmp/swap")}
        for name in one two; do
            bootproto xen destroy $(xl domid reader-$name) || exit
        done
        """);

    /// <summary>Checks what the tool said of disks that are in use.</summary>
    public static void CheckInUse(Func<string, ToolRun> steps)
    {
        ToolRun run = steps("devices-in-use");
        run.Succeeded();
        string[] lines = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(6, lines.Length);
        const string Refused = @"^error: cannot attach the disk xvd[ab] \(";
        Assert.Matches($@"{Refused}{Disk} is /dev/loop0, which is in use: domain \d+ writes to it\)$", lines[0]);
        Assert.Equal(lines[0], lines[1]);
        Assert.Matches($@"{Refused}/dev/loop0 is in use: domain \d+ writes to it\)$", lines[2]);
        Assert.Matches($@"{Refused}/tmp/swap is DEVICE, which is in use by a part of the control domain's kernel\)$", lines[3]);
        Assert.Matches($@"{Refused}/tmp/read is DEVICE, which is in use: domain N reads it\)$", lines[4]);
        Assert.Matches($@"{Refused}/tmp/swap is the disk xvda of the same domain\)$", lines[5]);
    }

    /// <summary>Adds the step in which both sides have seen each other.</summary>
    public static void AddSeen(ControlDomain control, string name) => control.AddStep(
        name, $"{Ping} || {Ping} || exit; dd if={Disk} bs=512 skip=1 count=1 2> /dev/null | head -n 1; losetup -a; ls /sys/class/net/{Bridge}/brif");

    /// <summary>Checks what the tool said where something is missing.</summary>
    public static void CheckRefusals(Func<string, ToolRun> steps)
    {
        Assert.Equal(
            "error: cannot attach the disk xvda (/dev/loop-control is missing: the module loop is not loaded)\n", steps("devices-no-loop").Errors);
        Assert.Equal("error: cannot attach disks (the module xen-blkback is not loaded)\n", steps("devices-no-driver").Errors);
        steps("devices").Succeeded();
        Assert.Equal(string.Concat(_refusals.Select(static refusal => $"error: {refusal.Expected}\n")), steps("devices-refused").Errors);
    }

    /// <summary>Checks that the guest has read and written its disk, and that packets went both ways.</summary>
    public static void CheckSeen(string console, ToolRun seen)
    {
        Assert.Contains(FromControl, console, StringComparison.Ordinal);
        Assert.Contains($"64 bytes from {ControlAddress}", console, StringComparison.Ordinal);
        Assert.Matches($@"^{FromGuest}\n/dev/loop0: .*\nvif\d+\.0\n$", seen.Succeeded());
    }

    private static string Start(string arguments) => $"bootproto xen start --sample --paused {arguments}";
}
