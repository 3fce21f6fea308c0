using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>Reads a built PV domain back as a hypervisor and its guest would, from the registers on, and names the rules that it breaks.</summary>
/// <example><code>
/// ImmutableArray&lt;Violation&gt; violations = XenPvVerifier.Verify(XenPvImage.Of(pv));
/// Console.WriteLine(violations.IsEmpty ? "Xen starts it" : violations[0].ToString());
/// </code></example>
public static class XenPvVerifier
{
    /// <summary>The most frames of a domain that can be checked: 4 TiB of memory.</summary>
    private const ulong MaximumFrames = 1UL << 30;

    /// <summary>Checks a domain.</summary>
    /// <returns>The rules that it breaks, those first that others rest on; empty for a domain that may start.</returns>
    /// <exception cref="BootFormatException">The domain has more than 4 TiB of memory.</exception>
    /// <remarks>Where something is so broken that no more can be read, what rests on it is not looked at.</remarks>
    public static ImmutableArray<Violation> Verify(XenPvImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckFrameCount(image.FrameCount);
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
        if (space.IsEndless)
            return [.. violations];

        Vaddr pointer = ContextCheck.PointerOf(image);
        byte[] page = new byte[X86Page.Size];
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

    /// <summary>Refuses a domain of more frames than can be checked.</summary>
    /// <exception cref="BootFormatException">It has more.</exception>
    internal static void CheckFrameCount(ulong count)
    {
        if (count <= MaximumFrames)
            return;
        string expected = string.Create(CultureInfo.InvariantCulture, $"at most {MaximumFrames} of them");
        throw new BootFormatException(BootErrorCode.TooLarge, "domain", "frames", null, expected, count.ToString(CultureInfo.InvariantCulture));
    }

    private static bool TryReadPage(AddressSpace space, Vaddr address, byte[] page) =>
        address.Value % X86Page.Size == 0 && space.TryRead(address, page);
}
