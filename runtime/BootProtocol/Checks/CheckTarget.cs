namespace BootProtocol.Checks;

/// <summary>What an image is to be started by. <see cref="CheckTargets.Name"/> has the names that the tool uses.</summary>
/// <example><code>
/// ImageCheckResult result = ImageCheck.Run(image, new ImageCheckRequest { Target = CheckTarget.XenPvh });
/// Console.WriteLine(result.Boots ? "nothing stops it" : result.Stopper!.Message);
/// </code></example>
public enum CheckTarget
{
    /// <summary>QEMU's option -kernel, which enters the image's own setup code or its PVH entry.</summary>
    Qemu,

    /// <summary>Firecracker, which loads an ELF file.</summary>
    Firecracker,

    /// <summary>Cloud Hypervisor, which enters a kernel by PVH.</summary>
    CloudHypervisor,

    /// <summary>Xen, paravirtualised.</summary>
    XenPv,

    /// <summary>Xen, as PVH.</summary>
    XenPvh,

    /// <summary>A running Linux that starts it in its own place, or when it panics.</summary>
    Kexec,

    /// <summary>GRUB on a BIOS.</summary>
    Grub,

    /// <summary>EFI firmware of 64 bits, which loads it as a program.</summary>
    Uefi,
}
