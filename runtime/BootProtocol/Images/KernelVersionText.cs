using System.Globalization;
using System.Text;
using BootProtocol.LinuxX86;

namespace BootProtocol.Images;

/// <summary>Finds the text that names the kernel's version.</summary>
internal static class KernelVersionText
{
    /// <summary>The field counts from the end of the boot sector.</summary>
    private const int Base = BootImage.SectorSize;

    /// <summary>Reads the text; null if the image has none.</summary>
    /// <exception cref="BootFormatException">The text starts outside of the setup part, or has no end in it.</exception>
    public static string? Read(BootImage image)
    {
        if (!image.HasSetupHeader || image.SetupHeader.KernelVersion is var pointer && pointer == 0)
            return null;
        int start = pointer + Base;
        int end = Math.Min(image.SetupLength, image.Bytes.Length);
        if (start >= end)
            throw Fault($"a place in the setup part, below 0x{end - Base:x}", $"0x{pointer:x}");

        ReadOnlySpan<byte> bytes = image.Bytes[start..Math.Min(end, start + BootImage.MaximumVersionLength + 1)];
        int length = bytes.IndexOf((byte)0);
        if (length < 0)
            throw Fault("a text that a NUL ends", string.Create(CultureInfo.InvariantCulture, $"none in {bytes.Length} bytes"));
        return Encoding.UTF8.GetString(bytes[..length]);
    }

    private static BootFormatException Fault(string expected, string found) => new(
        BootErrorCode.OutOfBounds,
        "setup_header",
        "kernel_version",
        SetupHeader.Layout.Offset.KernelVersion,
        expected,
        found);
}
