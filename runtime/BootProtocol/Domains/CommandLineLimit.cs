using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>How long a command line a kernel takes, as far as its file says it.</summary>
/// <param name="Maximum">The most bytes, without the NUL.</param>
/// <param name="Source">What says so.</param>
/// <remarks>
/// Linux copies as many bytes as its own array has, COMMAND_LINE_SIZE, and goes on without a NUL where there was none: a longer line is not
/// cut everywhere, but ends some starts without a word (arch/x86/platform/pvh/enlighten.c, init/main.c). A bzImage says the length in its
/// header; an ELF file does so by the size of its symbol boot_command_line, if it has symbols.
/// </remarks>
internal sealed record CommandLineLimit(ulong Maximum, string Source)
{
    /// <summary>What every Linux for x86 takes that has an entry for PVH or page tables for Xen's (COMMAND_LINE_SIZE in asm/setup.h).</summary>
    public const uint Linux = 2047;

    /// <summary>Larger arrays are none of a command line.</summary>
    private const ulong Largest = 1 << 20;

    private const string Symbol = "boot_command_line";

    /// <summary>Finds the limit of a kernel; null if nothing says it.</summary>
    public static CommandLineLimit? Of(Kernel kernel)
    {
        if (kernel.Payload.Image.HasSetupHeader)
            return Of(kernel.Payload.Image.SetupHeader);
        return FromSymbol(kernel.Elf) ?? (IsLinux(kernel.Elf) ? new CommandLineLimit(Linux, "COMMAND_LINE_SIZE of Linux") : null);
    }

    /// <summary>The limit that a setup header states.</summary>
    public static CommandLineLimit Of(SetupHeader header) => new(header.CmdlineSize, "cmdline_size");

    /// <summary>Refuses a command line that is too long.</summary>
    /// <param name="length">Its bytes, without the NUL.</param>
    /// <exception cref="BootException">It is too long.</exception>
    public void Check(int length)
    {
        if ((uint)length <= Maximum)
            return;
        throw new BootRequestException(
            BootErrorCode.TooLarge,
            "command line",
            "",
            null,
            string.Create(CultureInfo.InvariantCulture, $"at most {Maximum} bytes ({Source})"),
            string.Create(CultureInfo.InvariantCulture, $"{length} bytes"));
    }

    private static CommandLineLimit? FromSymbol(ElfFile file)
    {
        try
        {
            if (file.Symbols is { } symbols && symbols.TryFind(Symbol, out SymbolEntry entry) && entry.Symbol.Size is > 1 and <= Largest and var size)
                return new CommandLineLimit(size - 1, $"the size of {Symbol}");
            return null;
        }
        catch (BootFormatException)
        {
            // Sections that are broken cost what they would have said, and no start.
            return null;
        }
    }

    private static bool IsLinux(ElfFile file)
    {
        try
        {
            return LinuxBootRules.GeneralReason(file, false) is null;
        }
        catch (BootFormatException)
        {
            return false;
        }
    }
}
