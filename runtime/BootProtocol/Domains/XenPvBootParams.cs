using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>
/// Writes the boot_params of a PV guest that is started in the combined form: one structure, as for a kernel on a bare machine, that
/// leads to start_info by hardware_subarch and hardware_subarch_data.
/// </summary>
/// <remarks>
/// Source: Documentation/arch/x86/boot.rst of Linux, hardware_subarch (2.07+). Physical addresses in it are the guest's own
/// (pseudo-physical); hardware_subarch_data is the virtual address of start_info.
/// </remarks>
internal static class XenPvBootParams
{
    private const ulong MapSplit = 1 << 20;

    /// <summary>Refuses memory that a map has no two ranges for.</summary>
    /// <param name="memory">Bytes of memory that the guest has.</param>
    /// <exception cref="BootException">There is no page above 1 MiB.</exception>
    public static void CheckMemory(ulong memory)
    {
        if (memory < MapSplit + X86Page.Size)
            throw new BootRequestException(BootErrorCode.NoRoom, "memory", "size", null, "more than 1 MiB, to give the kernel boot_params", $"0x{memory:x}");
    }

    /// <summary>Refuses kernels and command lines that have no room in a setup header.</summary>
    /// <param name="header">The kernel's setup header.</param>
    /// <param name="commandLineLength">Bytes of the command line.</param>
    /// <exception cref="BootException">The header has no subarchitecture, or allows no command line of that length.</exception>
    public static void Check(LinuxHeader header, int commandLineLength)
    {
        SetupHeader fields = header.Fields;
        if (fields.HardwareSubarchData is null)
        {
            int offset = SetupHeader.Layout.Offset.HardwareSubarch;
            const string Expected = "a kernel of protocol 2.07 or later, to give it boot_params";
            throw LinuxHeader.Fault("hardware_subarch", offset, Expected, $"{fields.Version}");
        }

        CommandLineLimit.Of(fields).Check(commandLineLength);
    }

    /// <summary>Writes the page.</summary>
    /// <param name="page">Its page, zero so far.</param>
    /// <param name="header">The kernel's setup header.</param>
    /// <param name="startInfo">The virtual address of start_info.</param>
    /// <param name="commandLine">Where the command line is: that in start_info.</param>
    /// <param name="initrd">Where the initial ramdisk is.</param>
    /// <param name="initrdLength">Its bytes; 0 for none.</param>
    /// <param name="memory">Bytes of memory that the guest has.</param>
    public static void Write(
        Span<byte> page, LinuxHeader header, Vaddr startInfo, Paddr commandLine, Paddr initrd, ulong initrdLength, ulong memory)
    {
        header.Bytes.CopyTo(page[BootParams.Layout.Offset.Hdr..]);
        BootParams.Writer parameters = BootParams.Edit(page);
        SetupHeader.Writer fields = parameters.Hdr;
        LinuxLoader.Write(fields, new LinuxLoader((int)LoaderId.Xen, 0));
        fields.Loadflags = (header.Fields.Loadflags | LoadFlags.LoadedHigh) & ~LoadFlags.Kaslr;
        fields.HardwareSubarch = X86HardwareSubarch.Xen;
        fields.HardwareSubarchData = startInfo.Value;
        fields.CmdLinePtr = new Paddr((uint)commandLine.Value);
        parameters.ExtCmdLinePtr = (uint)(commandLine.Value >> 32);
        if (initrdLength > 0)
        {
            fields.RamdiskImage = new Paddr((uint)initrd.Value);
            fields.RamdiskSize = (uint)initrdLength;
            parameters.ExtRamdiskImage = (uint)(initrd.Value >> 32);
            parameters.ExtRamdiskSize = (uint)(initrdLength >> 32);
        }

        // All of it is memory; Linux takes no map of one range alone.
        E820Writer.Write(
            parameters,
            [
                new MemoryRange(new Paddr(0), MapSplit, E820Type.Ram),
                new MemoryRange(new Paddr(MapSplit), memory - MapSplit, E820Type.Ram),
            ]);
    }
}
