using System.Globalization;
using System.Runtime.InteropServices;
using BootProtocol.Xen.Devices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Xen.Host;

/// <summary>The kernel of this control domain: Linux.</summary>
/// <remarks>
/// Source: linux/loop.h, linux/sockios.h and net/if.h of Linux; Documentation/ABI/testing/sysfs-devices-xenbus and sysfs-class-net for what is
/// found in /sys.
/// </remarks>
internal sealed class NativeDeviceHost : IDeviceHost
{
    private const string LoopControl = "/dev/loop-control";
    private const int InetFamily = 2;
    private const int DatagramClosed = 0x80002; // SOCK_DGRAM and SOCK_CLOEXEC
    private const int WorkingFolder = -100; // AT_FDCWD

    /// <summary>Between the question for a free loop device and its use, another program may take it.</summary>
    private const int MostTries = 64;

    private readonly DiskUses _uses = new("");

    /// <inheritdoc/>
    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public bool HasLoops => File.Exists(LoopControl);

    /// <inheritdoc/>
    public bool HasDriver(string kind) => Directory.Exists($"/sys/bus/xen-backend/drivers/{kind}");

    /// <inheritdoc/>
    public bool HasBridge(string name) => Directory.Exists($"/sys/class/net/{name}/bridge");

    /// <inheritdoc/>
    public bool HasLink(string name) => Directory.Exists($"/sys/class/net/{name}");

    /// <inheritdoc/>
    public bool IsServed(string kind, ushort domain, string number) => Directory.Exists(DeviceOf(kind, domain, number));

    /// <inheritdoc/>
    public bool IsOpen(ushort domain, uint number) => File.Exists($"{DeviceOf("vbd", domain, $"{number}")}/physical_device");

    /// <inheritdoc/>
    public void Pause() => Thread.Sleep(TimeSpan.FromMilliseconds(10));

    /// <inheritdoc/>
    public int Look(string path, out FileStatus status)
    {
        status = default;
        if (DeviceLibrary.Look(WorkingFolder, path, 0, FileFacts.Wanted, out FileFacts facts) < 0)
            return -Marshal.GetLastPInvokeError();
        FileKind kind = (facts.Mode & FileFacts.KindBits) switch
        {
            FileFacts.Regular => FileKind.Regular,
            FileFacts.Block => FileKind.Block,
            _ => FileKind.Other,
        };
        status = new FileStatus(kind, facts.Major, facts.Minor, ((ulong)facts.HomeMajor << 32) | facts.HomeMinor, facts.Inode);
        return 0;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LoopsOf(FileStatus file) =>
        [.. _uses.Loops().Where(loop => Look(loop.File, out FileStatus behind) == 0 && behind.IsSame(file)).Select(static loop => loop.Device)];

    /// <inheritdoc/>
    public IReadOnlyList<OpenDisk> OpenDisks() => _uses.OpenDisks();

    /// <inheritdoc/>
    public string? FindHolder(string path, FileStatus device, bool isReadOnly)
    {
        if (_uses.FindMount(device.Major, device.Minor, isReadOnly) is { } mounted)
            return mounted;
        if (isReadOnly)
            return null;
        if (_uses.FindHolder(device.Major, device.Minor) is { } holder)
            return holder;
        int number = DeviceLibrary.Open(path, DeviceLibrary.Alone);
        if (number < 0)
            return Marshal.GetLastPInvokeError() == (int)XenError.Busy ? "is in use by a part of the control domain's kernel" : null;
        new SafeFileHandle(number, ownsHandle: true).Dispose();
        return null;
    }

    /// <inheritdoc/>
    public int OpenLoop(string path, bool isReadOnly, out LoopDevice? device)
    {
        device = null;
        try
        {
            using SafeFileHandle control = Open(LoopControl, isReadOnly: false);
            using SafeFileHandle file = Open(path, isReadOnly);
            int answer = -(int)XenError.Busy;
            for (int i = 0; i < MostTries && answer == -(int)XenError.Busy; i++)
            {
                answer = Result(DeviceLibrary.Control(control, DeviceLibrary.FreeLoop, 0));
                if (answer < 0)
                    return answer;
                string name = string.Create(CultureInfo.InvariantCulture, $"/dev/loop{answer}");
                answer = Configure(name, file, isReadOnly, out device);
            }

            return answer;
        }
        catch (IOException failure)
        {
            // Where .NET has an exception of its own, the error number is lost.
            return failure is FileNotFoundException ? -(int)XenError.NotFound : -(int)XenError.InputOutput;
        }
        catch (UnauthorizedAccessException)
        {
            return -(int)XenError.AccessDenied;
        }
    }

    /// <inheritdoc/>
    public int Join(string link, string bridge)
    {
        int number = DeviceLibrary.Socket(InetFamily, DatagramClosed, 0);
        if (number < 0)
            return Result(number);
        using var socket = new SafeFileHandle(number, ownsHandle: true);
        var mtu = InterfaceRequest.Of(bridge);
        if (DeviceLibrary.Control(socket, DeviceLibrary.GetMtu, ref mtu) < 0)
            return Result(-1);
        var linkMtu = InterfaceRequest.Of(link);
        linkMtu.Number = mtu.Number;
        var index = InterfaceRequest.Of(link);
        if (DeviceLibrary.Control(socket, DeviceLibrary.SetMtu, ref linkMtu) < 0 || DeviceLibrary.Control(socket, DeviceLibrary.GetIndex, ref index) < 0)
            return Result(-1);
        var port = InterfaceRequest.Of(bridge);
        port.Number = index.Number;
        var flags = InterfaceRequest.Of(link);
        if (DeviceLibrary.Control(socket, DeviceLibrary.AddToBridge, ref port) < 0 || DeviceLibrary.Control(socket, DeviceLibrary.GetFlags, ref flags) < 0)
            return Result(-1);

        // This end of the guest's line speaks for itself never: it gets no address, of IPv6 neither.
        flags.Flags = (short)((flags.Flags & ~InterfaceRequest.Multicast) | InterfaceRequest.NoAddressResolution | InterfaceRequest.Up);
        return Result(DeviceLibrary.Control(socket, DeviceLibrary.SetFlags, ref flags));
    }

    private static string DeviceOf(string kind, ushort domain, string number) =>
        string.Create(CultureInfo.InvariantCulture, $"/sys/bus/xen-backend/devices/{kind}-{domain}-{number}");

    private static int Configure(string name, SafeFileHandle file, bool isReadOnly, out LoopDevice? device)
    {
        device = null;
        SafeFileHandle opened = Open(name, isReadOnly);
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            var wanted = new LoopConfiguration
            {
                File = (uint)file.DangerousGetHandle(),
                Flags = LoopConfiguration.FreeOnceClosed | (isReadOnly ? LoopConfiguration.ReadOnly : 0),
            };
            int answer = Result(DeviceLibrary.Control(opened, DeviceLibrary.ConfigureLoop, ref wanted));
            if (answer == 0)
                device = new LoopDevice(name, opened);
            return answer;
        }
        finally
        {
            if (isHeld)
                file.DangerousRelease();
            if (device is null)
                opened.Dispose();
        }
    }

    private static SafeFileHandle Open(string path, bool isReadOnly) =>
        File.OpenHandle(path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private static int Result(int answer) => answer < 0 ? -Marshal.GetLastPInvokeError() : answer;
}
