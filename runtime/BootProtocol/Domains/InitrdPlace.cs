namespace BootProtocol.Domains;

/// <summary>Where a Linux kernel's initial ramdisk goes.</summary>
/// <example><code>
/// var builder = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Initrds = [new byte[4096]], InitrdPlace = InitrdPlace.Highest };
/// using LinuxDomain guest = builder.Build(kernel);
/// Console.WriteLine(guest.BootParams.Hdr.RamdiskImage);
/// </code></example>
public enum InitrdPlace
{
    /// <summary>
    /// Right behind the memory that the kernel's start needs, if the kernel states how much that is, else as high as may be; above 4 GiB only
    /// if there is no room below, and the kernel takes it there.
    /// </summary>
    Automatic,

    /// <summary>As high as the kernel takes it below 4 GiB. Firmware may have its tables there.</summary>
    Highest,

    /// <summary>Above 4 GiB, which has to be allowed by XLF_CAN_BE_LOADED_ABOVE_4G.</summary>
    Above4GiB,
}
