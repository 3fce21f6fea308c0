using System.Text;
using BootProtocol.Elf;

namespace BootProtocol.Kernels;

/// <summary>Finds the text by which a Linux kernel names itself when it starts.</summary>
internal static class KernelBanner
{
    /// <summary>The longest banner, in bytes.</summary>
    private const int MaximumLength = 1024;

    private static ReadOnlySpan<byte> Start => "Linux version "u8;

    /// <summary>Finds it in a decoded kernel.</summary>
    /// <param name="kernel">The kernel's bytes.</param>
    /// <returns>The text up to its line end or NUL; null if there is none.</returns>
    /// <exception cref="BootFormatException">The kernel cannot be decoded.</exception>
    public static string? Find(KernelBytes kernel)
    {
        ReadOnlySpan<byte> rest = kernel.Read(0, kernel.Length);

        // Kernels have formats with the same beginning, too: "Linux version %s". A version starts with a digit.
        while (rest.IndexOf(Start) is var at and >= 0)
        {
            ReadOnlySpan<byte> text = rest[at..Math.Min(rest.Length, at + MaximumLength)];
            int end = text.IndexOfAny((byte)'\n', (byte)0);
            if (end > Start.Length && char.IsAsciiDigit((char)text[Start.Length]))
                return Encoding.UTF8.GetString(text[..end]);
            rest = rest[(at + Start.Length)..];
        }

        return null;
    }
}
