using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>Reads a built PV domain back as a hypervisor and its guest would, from the registers on, and names the rules that it breaks.</summary>
public static class XenPvVerifier
{
    /// <summary>Checks a domain.</summary>
    /// <returns>The rules that it breaks, those first that others rest on; empty for a domain that may start.</returns>
    /// <remarks>Where something is so broken that no more can be read, what rests on it is not looked at.</remarks>
    public static ImmutableArray<Violation> Verify(XenPvImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var violations = new List<Violation>();
        int size = image.Word == WordSize.Bits64 ? VcpuGuestContext.Layout.Size64 : VcpuGuestContext.Layout.Size32;
        if (image.Context.Length != size)
            return [new Violation(XenPvRule.ContextSize, string.Create(CultureInfo.InvariantCulture, $"{image.Context.Length} bytes"))];
        ContextCheck.Run(image, violations);

        var machine = new MachineMap(image);
        Mfn topFrame = ContextCheck.TopTableOf(image);
        if (machine.Find(topFrame) is not { } top)
            return [.. violations, new Violation(XenPvRule.TopTable, $"machine frame {topFrame}")];
        if (image.Word == WordSize.Bits32 && !ContextCheck.HasExtendedCr3(image) && topFrame.Value > 0xfffff)
            violations.Add(new Violation(XenPvRule.TopTableLow, $"machine frame {topFrame}"));
        AddressSpace space = AddressSpace.Walk(image, machine, top, violations);

        Vaddr pointer = ContextCheck.PointerOf(image);
        byte[] page = new byte[GuestMemory.PageSize];
        byte[]? bootParams = null;
        if (!TryReadPage(space, pointer, page))
            return [.. violations, new Violation(XenPvRule.StartInfoPointer, $"{pointer}")];
        if (CombinedCheck.IsBootParams(page))
        {
            bootParams = [.. page];
            pointer = CombinedCheck.PointerOf(page, violations);
            if (!TryReadPage(space, pointer, page))
                return [.. violations, new Violation(XenPvRule.Combined, $"hardware_subarch_data {pointer}")];
        }

        int structure = image.Word == WordSize.Bits64 ? StartInfo.Layout.Size64 : StartInfo.Layout.Size32;
        StartInfo info = StartInfo.Parse(page.AsSpan(0, structure), image.Word);
        var layout = new StartOfDay(image, machine, space, pointer, top);
        StartInfoCheck.Run(layout, info, violations);
        LayoutCheck.Run(layout, info, bootParams is null ? null : ContextCheck.PointerOf(image), violations);
        if (bootParams is not null)
            CombinedCheck.Compare(BootParams.Parse(bootParams), layout, info, violations);
        SharedInfoCheck.Run(image, violations);
        return [.. violations];
    }

    private static bool TryReadPage(AddressSpace space, Vaddr address, byte[] page) =>
        address.Value % GuestMemory.PageSize == 0 && space.TryRead(address, page);
}
