using BootProtocol.Domains;
using BootProtocol.LinuxX86;

namespace BootProtocol.Kexec.Host;

/// <summary>EFI as the running kernel uses it, to be handed on.</summary>
/// <param name="Vendor">Address of the vendor's name.</param>
/// <param name="Tables">Address of the configuration tables.</param>
/// <param name="Smbios">Address of the SMBIOS table; 0 if there is none.</param>
/// <param name="MemoryMap">What the firmware uses at run time, and where the running kernel has had it mapped: descriptors.</param>
/// <remarks>
/// The firmware takes virtual addresses once, so that the next kernel has to keep them: SETUP_EFI has what the firmware's own tables lost by
/// that, /sys/firmware/efi/runtime-map the ranges (Documentation/ABI/testing/sysfs-firmware-efi-runtime-map).
/// </remarks>
internal sealed record HostFirmware(ulong Vendor, Paddr Tables, Paddr Smbios, byte[] MemoryMap)
{
    private const string Folder = "sys/firmware/efi";
    private const string Tables64 = "EL64";

    /// <summary>Reads it.</summary>
    /// <returns>Null if the machine was not started by EFI, or the running kernel does not use it at run time.</returns>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public static HostFirmware? Read(HostFiles files)
    {
        string[] folders = [.. files.NumberedFolders($"{Folder}/runtime-map", "")];
        if (folders.Length == 0)
            return null;
        byte[] map = new byte[folders.Length * EfiMemoryDescriptor.Layout.Size];
        for (int i = 0; i < folders.Length; i++)
        {
            EfiMemoryDescriptor.Writer descriptor = EfiMemoryDescriptor.Create(map.AsSpan(i * EfiMemoryDescriptor.Layout.Size));
            descriptor.Type = (uint)files.ReadNumber($"{folders[i]}/type");
            descriptor.PhysicalAddress = new Paddr(files.ReadNumber($"{folders[i]}/phys_addr"));
            descriptor.VirtualAddress = files.ReadNumber($"{folders[i]}/virt_addr");
            descriptor.Pages = files.ReadNumber($"{folders[i]}/num_pages");
            descriptor.Attributes = files.ReadNumber($"{folders[i]}/attribute");
        }

        return new HostFirmware(
            files.ReadNumber($"{Folder}/fw_vendor"), new Paddr(files.ReadNumber($"{Folder}/config_table")), FindTable(files, "SMBIOS"), map);
    }

    /// <summary>Where the ACPI root pointer is; 0 if nobody says so, and the kernel looks for it itself.</summary>
    public static Paddr FindRsdp(HostFiles files, BootParams parameters) => FindTable(files, "ACPI20") is { Value: > 0 } place
        ? place
        : FindTable(files, "ACPI") is { Value: > 0 } older ? older : parameters.AcpiRsdpAddr;

    /// <summary>The node by which a kernel finds it.</summary>
    public SetupDataNode Node => SetupDataNode.Efi(Vendor, Tables, Smbios);

    /// <summary>Fills in what the zero page says of it, but for the place of the memory map.</summary>
    /// <param name="target">Where.</param>
    /// <param name="old">The running kernel's.</param>
    public static void Write(EfiInfo.Writer target, EfiInfo old)
    {
        target.SetEfiLoaderSignature(Tables64);
        target.EfiSystab = old.EfiSystab;
        target.EfiSystabHi = old.EfiSystabHi;
        target.EfiMemdescSize = (uint)EfiMemoryDescriptor.Layout.Size;
        target.EfiMemdescVersion = old.EfiMemdescVersion;
    }

    private static Paddr FindTable(HostFiles files, string name)
    {
        string prefix = $"{name}=";
        string? line = files.TryReadText($"{Folder}/systab")?.Split('\n').FirstOrDefault(line => line.StartsWith(prefix, StringComparison.Ordinal));
        return line is not null && HostFiles.TryNumber(line[prefix.Length..].Trim(), out ulong address) ? new Paddr(address) : default;
    }
}
