using System.Text;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>The form in which one structure serves native and Xen: boot_params in rsi or esi, which lead to start_info.</summary>
internal static class CombinedCheck
{
    private const int MagicOffset = 0x202;

    /// <summary>Whether a page is boot_params rather than start_info: it has the magic of a setup header.</summary>
    public static bool IsBootParams(ReadOnlySpan<byte> page) => page.Slice(MagicOffset, 4).SequenceEqual("HdrS"u8);

    /// <summary>Where start_info is.</summary>
    public static Vaddr PointerOf(ReadOnlySpan<byte> page, List<Violation> violations)
    {
        SetupHeader header = BootParams.Parse(page).Hdr;
        bool isXen = header.TypeOfLoader.GetId() == LoaderId.Xen && header.HardwareSubarch == X86HardwareSubarch.Xen;
        if (!isXen)
        {
            string found = $"loader 0x{(byte)header.TypeOfLoader:x}, subarchitecture {header.HardwareSubarch}";
            violations.Add(new Violation(XenPvRule.Combined, found));
        }

        return new Vaddr(header.HardwareSubarchData.GetValueOrDefault());
    }

    /// <summary>Checks that both structures have the same command line and initial ramdisk.</summary>
    public static void Compare(BootParams bootParams, StartOfDay domain, StartInfo info, List<Violation> violations)
    {
        SetupHeader header = bootParams.Hdr;
        string other = Encoding.Latin1.GetString(info.CmdLine);
        string own = ReadText(domain, (header.CmdLinePtr?.Value ?? 0) | ((ulong)bootParams.ExtCmdLinePtr << 32));
        if (own != other)
            violations.Add(new Violation(XenPvRule.CombinedEqual, $"command lines \"{own}\" and \"{other}\""));
        ulong image = (header.RamdiskImage.Value) | ((ulong)bootParams.ExtRamdiskImage << 32);
        ulong size = header.RamdiskSize | ((ulong)bootParams.ExtRamdiskSize << 32);
        ulong module = info.ModLen == 0 ? 0
            : info.ModStartPfn is { } first ? first.Value * X86Page.Size
            : info.ModStart is { } start ? (domain.Space.Find(start).GetValueOrDefault().Value * X86Page.Size) + (start.Value % X86Page.Size)
            : 0;

        // Where the module is not mapped, mod_len counts whole pages.
        bool isSame = image == module && X86Page.Count(size) == X86Page.Count(info.ModLen);
        if (!isSame)
        {
            string found = $"initial ramdisks of 0x{size:x} bytes at 0x{image:x} and 0x{info.ModLen:x} at 0x{module:x}";
            violations.Add(new Violation(XenPvRule.CombinedEqual, found));
        }
    }

    private static string ReadText(StartOfDay domain, ulong address)
    {
        Span<byte> bytes = stackalloc byte[StartInfoCheck.CommandLineSize];
        domain.Image.Memory.Read(new Paddr(address), bytes);
        int end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
