namespace BootProtocol.Xen.Devices;

/// <summary>All that devices of domains ask of the control domain's kernel beside xenstore: the seam between them and the machine.</summary>
/// <remarks>What returns a number returns 0 or more, or a negative error number (<see cref="XenError"/>).</remarks>
internal interface IDeviceHost
{
    /// <summary>How long a backend may take for one step.</summary>
    TimeSpan Patience { get; }

    /// <summary>Whether the driver behind a kind of device (<c>vbd</c>, <c>vif</c>) is there.</summary>
    bool HasDriver(string kind);

    /// <summary>Whether there are loop devices.</summary>
    bool HasLoops { get; }

    /// <summary>Whether there is a bridge of a name.</summary>
    bool HasBridge(string name);

    /// <summary>Whether there is a network interface of a name.</summary>
    bool HasLink(string name);

    /// <summary>Looks at a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="status">What it is.</param>
    int Look(string path, out FileStatus status);

    /// <summary>The loop devices that a file is.</summary>
    /// <param name="file">What is known of the file.</param>
    /// <returns>Their paths.</returns>
    IReadOnlyList<string> LoopsOf(FileStatus file);

    /// <summary>All disks that the driver has opened for domains.</summary>
    IReadOnlyList<OpenDisk> OpenDisks();

    /// <summary>What in the control domain itself keeps a block device from being a domain's disk.</summary>
    /// <param name="path">The device.</param>
    /// <param name="device">What is known of it.</param>
    /// <param name="isReadOnly">Whether the domain may only read it: then others may read it, too.</param>
    /// <returns>It in words, behind the device's name: <c>is mounted at /srv</c>; null if nothing does.</returns>
    string? FindHolder(string path, FileStatus device, bool isReadOnly);

    /// <summary>Makes a file a block device, until nobody uses it any more: neither the object that this returns nor a domain.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isReadOnly">Whether it is for reading only.</param>
    /// <param name="device">The device, in use until it is disposed.</param>
    int OpenLoop(string path, bool isReadOnly, out LoopDevice? device);

    /// <summary>Whether a driver has a device of a domain.</summary>
    bool IsServed(string kind, ushort domain, string number);

    /// <summary>Whether the driver has opened a domain's disk.</summary>
    bool IsOpen(ushort domain, uint number);

    /// <summary>Puts an interface into a bridge, with the bridge's MTU, and switches it on.</summary>
    /// <param name="link">The interface's name.</param>
    /// <param name="bridge">The bridge's.</param>
    int Join(string link, string bridge);

    /// <summary>Waits a little.</summary>
    void Pause();
}
