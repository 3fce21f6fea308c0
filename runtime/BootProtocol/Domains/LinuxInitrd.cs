using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>Finds the place of a Linux kernel's initial ramdisk.</summary>
internal static class LinuxInitrd
{
    private const string Name = "initrd";
    private static readonly Paddr _lowest = new(1 << 20);

    /// <summary>Takes the place.</summary>
    /// <exception cref="BootException">There is no room where the kernel takes it, or the caller's place is not allowed.</exception>
    public static Region Add(LinuxBootBuilder builder, long initrdLength, LinuxHeader header, LinuxKernelPlan plan, RegionMap regions)
    {
        ulong length = (ulong)initrdLength;
        SetupHeader fields = header.Fields;
        bool isHighAllowed = fields.Xloadflags.HasFlag(XloadFlags.CanBeLoadedAbove4G);
        ulong end = fields.InitrdAddrMax + 1UL;
        (Paddr start, string reason) = builder.InitrdAddress is { } wish
            ? (Checked(wish, length, end, isHighAllowed), "where the caller wants it")
            : builder.InitrdPlace == InitrdPlace.Above4GiB
                ? (High(regions, length, isHighAllowed), "above 4 GiB, as the caller wants it and XLF_CAN_BE_LOADED_ABOVE_4G allows")
                : Low(builder, length, end, header, plan, regions, isHighAllowed);

        // Its last page is its own; the kernel can start in the midst of one.
        regions.Check(new Region(Name, start, X86Page.Count(length) * X86Page.Size, reason));
        return regions.Add(new Region(Name, start, length, reason));
    }

    private static Paddr Checked(Paddr wish, ulong length, ulong end, bool isHighAllowed)
    {
        if (wish.Value % X86Page.Size != 0)
            throw Fault("an address that is a page's", $"{wish}");
        if (!isHighAllowed && (wish.Value > end || length > end - wish.Value))
            throw Fault($"a place below initrd_addr_max 0x{end - 1:x}", $"0x{length:x} bytes at {wish}");
        return wish;
    }

    private static Paddr High(RegionMap regions, ulong length, bool isAllowed)
    {
        if (!isAllowed)
            throw Fault("a place below 4 GiB, as XLF_CAN_BE_LOADED_ABOVE_4G is not set", "above 4 GiB");
        return regions.FindLowest(
            Name, length, X86Page.Size, new Paddr(LinuxKernelPlan.Limit32), new Paddr(LinuxKernelPlan.AddressLimit));
    }

    private static (Paddr Start, string Reason) Low(
        LinuxBootBuilder builder,
        ulong length,
        ulong end,
        LinuxHeader header,
        LinuxKernelPlan plan,
        RegionMap regions,
        bool isHighAllowed)
    {
        var limit = new Paddr(end);
        Paddr behind = plan.End > limit ? _lowest : plan.End;
        bool isHighest = builder.InitrdPlace == InitrdPlace.Highest || header.InitSize is null;
        if (isHighest && regions.TryFindHighest(length, X86Page.Size, _lowest, limit) is { } highest)
            return (highest, $"the highest free place below initrd_addr_max 0x{end - 1:x}");
        if (!isHighest && regions.TryFindLowest(length, X86Page.Size, behind, limit) is { } next)
            return (next, $"the first free place behind the kernel, below initrd_addr_max 0x{end - 1:x}");
        if (regions.TryFindLowest(length, X86Page.Size, _lowest, limit) is { } lowest)
            return (lowest, $"the only free place below initrd_addr_max 0x{end - 1:x}");
        if (isHighAllowed && regions.TryFindLowest(
            length, X86Page.Size, new Paddr(LinuxKernelPlan.Limit32), new Paddr(LinuxKernelPlan.AddressLimit)) is { } high)
        {
            return (high, $"above 4 GiB by XLF_CAN_BE_LOADED_ABOVE_4G, as there is no room below initrd_addr_max 0x{end - 1:x}");
        }

        throw Fault($"0x{length:x} bytes of free memory below initrd_addr_max 0x{end - 1:x}", "no such room");
    }

    private static BootRequestException Fault(string expected, string found) => new(BootErrorCode.NoRoom, "memory", Name, null, expected, found);
}
