using System.Collections.Immutable;
using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>A node of the setup_data list that a Linux kernel gets: any type with any data, or one of the types known here.</summary>
/// <param name="Type">What the data are.</param>
/// <param name="Data">The data, without the node's head.</param>
/// <remarks>Sources: Documentation/arch/x86/boot.rst and arch/x86/include/uapi/asm/setup_data.h of Linux.</remarks>
/// <example><code>
/// byte[] seed = new byte[32];
/// Random.Shared.NextBytes(seed);
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, SetupData = [SetupDataNode.RngSeed(seed)] }.Build(kernel);
/// Console.WriteLine($"setup_data at {guest.BootParams.Hdr.SetupData}");
/// </code></example>
public sealed record SetupDataNode(SetupDataType Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>What the data point at.</summary>
    public ImmutableArray<SetupDataAttachment> Attachments { get; init; } = [];

    /// <summary>Whether it is left out where the kernel does not take the type; otherwise that is an error.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The type of the data proper: of a SETUP_INDIRECT node, what it says; else <see cref="Type"/>.</summary>
    internal SetupDataType DataType =>
        Type == SetupDataType.Indirect && SetupIndirect.TryParse(Data.Span, out SetupIndirect indirect, out _)
            ? indirect.Type.GetDataType()
            : Type;

    /// <summary>Random bytes for the kernel's generator.</summary>
    /// <param name="seed">The bytes; 32 are usual.</param>
    public static SetupDataNode RngSeed(ReadOnlyMemory<byte> seed) => new(SetupDataType.RngSeed, seed);

    /// <summary>A device tree.</summary>
    /// <param name="blob">The flattened tree.</param>
    public static SetupDataNode DeviceTree(ReadOnlyMemory<byte> blob) => new(SetupDataType.Dtb, blob);

    /// <summary>Properties of Apple's firmware.</summary>
    /// <param name="properties">properties_header and the devices behind it.</param>
    public static SetupDataNode AppleProperties(ReadOnlyMemory<byte> properties) => new(SetupDataType.AppleProperties, properties);

    /// <summary>EFI addresses, as kexec hands them on.</summary>
    /// <param name="vendor">The address of the firmware vendor's name.</param>
    /// <param name="tables">The configuration tables.</param>
    /// <param name="smbios">The SMBIOS table; 0 for the one in the configuration tables.</param>
    public static SetupDataNode Efi(ulong vendor, Paddr tables, Paddr smbios)
    {
        byte[] bytes = new byte[EfiSetupData.Layout.Size];
        EfiSetupData.Writer data = EfiSetupData.Create(bytes);
        data.FwVendor = vendor;
        data.Tables = tables;
        data.Smbios = smbios;
        return new SetupDataNode(SetupDataType.Efi, bytes);
    }

    /// <summary>The expansion ROM of a PCI device.</summary>
    /// <param name="word">The word size of the kernel, by which it reads the node.</param>
    /// <param name="vendor">The vendor's id.</param>
    /// <param name="device">The device's id.</param>
    /// <param name="address">Where the device is: segment, bus, device and function.</param>
    /// <param name="rom">The ROM.</param>
    public static SetupDataNode PciRom(
        WordSize word, ushort vendor, ushort device, (ushort Segment, byte Bus, byte Device, byte Function) address, ReadOnlySpan<byte> rom)
    {
        int head = ViewAccess.SizeOf<PciSetupRom>(word);
        byte[] bytes = new byte[head + rom.Length];
        PciSetupRom.Writer data = PciSetupRom.Create(bytes, word);
        data.Vendor = vendor;
        data.Devid = device;
        data.Pcilen = (ulong)rom.Length;
        data.Segment = address.Segment;
        data.Bus = address.Bus;
        data.Device = address.Device;
        data.Function = address.Function;
        rom.CopyTo(bytes.AsSpan(head));
        return new SetupDataNode(SetupDataType.Pci, bytes.AsMemory(SetupData.Layout.Size));
    }

    /// <summary>The machine of a Jailhouse cell.</summary>
    /// <param name="fill">Fills in the fields; both versions of the structure are already there.</param>
    public static SetupDataNode Jailhouse(JailhouseEditor fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        const ushort BothParts = 2;
        byte[] bytes = new byte[JailhouseSetupData.Layout.Size];
        JailhouseSetupData.Writer data = JailhouseSetupData.Create(bytes);
        JailhouseSetupDataHdr.Writer head = data.Hdr;
        head.Version = BothParts;
        head.CompatibleVersion = 1;
        fill(data);
        return new SetupDataNode(SetupDataType.Jailhouse, bytes);
    }

    /// <summary>The confidential computing blob of AMD SEV-SNP.</summary>
    /// <param name="blob">The blob, cc_blob_sev_info.</param>
    public static SetupDataNode CcBlob(ReadOnlyMemory<byte> blob) =>
        new(SetupDataType.CcBlob, new byte[CcSetupData.Layout.Size - SetupData.Layout.Size])
        {
            Attachments = [new SetupDataAttachment(CcSetupData.Layout.Offset.CcBlobAddress - SetupData.Layout.Size, sizeof(uint), blob)],
        };

    /// <summary>The measurements of the kernel before a kexec.</summary>
    /// <param name="measurements">The list.</param>
    public static SetupDataNode Ima(ReadOnlyMemory<byte> measurements)
    {
        byte[] bytes = new byte[ImaSetupData.Layout.Size];
        ImaSetupData.Writer data = ImaSetupData.Create(bytes);
        data.Size = (ulong)measurements.Length;
        return new SetupDataNode(SetupDataType.Ima, bytes)
        {
            Attachments = [new SetupDataAttachment(ImaSetupData.Layout.Offset.Addr, sizeof(ulong), measurements)],
        };
    }

    /// <summary>What the kernel before a kexec hands over.</summary>
    /// <param name="deviceTree">The device tree that describes it.</param>
    /// <param name="scratch">The list of memory ranges that hold nothing handed over.</param>
    public static SetupDataNode KexecHandover(ReadOnlyMemory<byte> deviceTree, ReadOnlyMemory<byte> scratch)
    {
        byte[] bytes = new byte[KhoData.Layout.Size];
        KhoData.Writer data = KhoData.Create(bytes);
        data.FdtSize = (ulong)deviceTree.Length;
        data.ScratchSize = (ulong)scratch.Length;
        return new SetupDataNode(SetupDataType.KexecKho, bytes)
        {
            Attachments =
            [
                new SetupDataAttachment(KhoData.Layout.Offset.FdtAddr, sizeof(ulong), deviceTree),
                new SetupDataAttachment(KhoData.Layout.Offset.ScratchAddr, sizeof(ulong), scratch),
            ],
        };
    }

    /// <summary>A node whose data are elsewhere, which kernels follow whose setup_type_max has SETUP_INDIRECT.</summary>
    /// <param name="type">The type of the data, neither SETUP_NONE nor SETUP_INDIRECT.</param>
    /// <param name="data">The data.</param>
    public static SetupDataNode Indirect(SetupDataType type, ReadOnlyMemory<byte> data)
    {
        byte[] bytes = new byte[SetupIndirect.Layout.Size];
        SetupIndirect.Writer head = SetupIndirect.Create(bytes);
        head.Type = SetupIndirectType.Indirect.WithDataType(type);
        head.Len = (ulong)data.Length;
        return new SetupDataNode(SetupDataType.Indirect, bytes)
        {
            Attachments = [new SetupDataAttachment(SetupIndirect.Layout.Offset.Addr, sizeof(ulong), data)],
        };
    }
}
