using System.IO.Compression;
using BootProtocol.Compression;
using BootProtocol.Elf;

namespace BootProtocol.Kernels;

/// <summary>The build configuration that a kernel carries with it (<c>CONFIG_IKCONFIG</c>): a gzip stream between two marks.</summary>
/// <example><code>
/// byte[]? configuration = EmbeddedConfiguration.Read(kernel.Bytes);
/// Console.WriteLine(configuration is null ? "built without CONFIG_IKCONFIG" : Encoding.UTF8.GetString(configuration));
/// </code></example>
public static class EmbeddedConfiguration
{
    /// <summary>The longest configuration, 16 MiB: fifty times that of a distribution's kernel.</summary>
    public const int MaximumLength = 16 << 20;

    private const string Structure = "ikconfig";

    /// <summary>The fewest bytes of a gzip stream: its header and trailer.</summary>
    private const int MinimumPackedLength = 18;

    private const int Method = GzipMember.Layout.Offset.CompressionMethod;

    private const byte Deflate = 8;

    private static ReadOnlySpan<byte> StartMark => "IKCFG_ST"u8;

    private static ReadOnlySpan<byte> EndMark => "IKCFG_ED"u8;

    /// <summary>Finds and unpacks the configuration. This decodes the kernel to its end.</summary>
    /// <param name="kernel">The kernel's bytes.</param>
    /// <param name="limits">How long it may be, if less than <see cref="MaximumLength"/>; null for <see cref="Limits.Default"/>.</param>
    /// <returns>The text of the configuration; null if the kernel has none.</returns>
    /// <exception cref="BootFormatException">It has a beginning, but is broken or too long.</exception>
    public static byte[]? Read(KernelBytes kernel, Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ReadOnlySpan<byte> bytes = kernel.Read(0, kernel.Length);
        int start = FindStart(bytes);
        if (start < 0)
            return null;
        int length = bytes[start..].IndexOf(EndMark);
        if (length < 0)
            throw new BootFormatException(BootErrorCode.Missing, Structure, "IKCFG_ED", start, "the mark behind the configuration", "no such mark");
        int maximum = Math.Min(MaximumLength, (limits ?? Limits.Default).MaximumOutput);
        return Unpack(bytes.Slice(start, length), start, maximum);
    }

    private static int FindStart(ReadOnlySpan<byte> bytes)
    {
        // A tool that looks for the mark has it in its own code, so what follows must be gzip.
        int at = 0;
        while (bytes[at..].IndexOf(StartMark) is var distance and >= 0)
        {
            at += distance + StartMark.Length;
            ReadOnlySpan<byte> packed = bytes[at..];
            if (packed.StartsWith(GzipMember.Layout.Constant.Id) && packed.Length > Method && packed[Method] == Deflate)
                return at;
        }

        return -1;
    }

    private static byte[] Unpack(ReadOnlySpan<byte> packed, int offset, int maximum)
    {
        if (packed.Length < MinimumPackedLength)
        {
            string expected = ElfFaults.Text($"a gzip stream of at least {MinimumPackedLength} bytes");
            throw new BootFormatException(BootErrorCode.Malformed, Structure, "", offset, expected, ElfFaults.Text($"{packed.Length} bytes"));
        }

        // The last four bytes of a gzip stream are the size of what it holds.
        uint size = GzipTrailer.Parse(packed[^GzipTrailer.Layout.Size..]).Isize;
        if (size > maximum)
            throw ElfFaults.Number(Structure, "ISIZE", offset, ElfFaults.Text($"at most {maximum} bytes"), size);
        byte[] text = new byte[size];
        using var stream = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        try
        {
            int length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            if (length < text.Length || stream.ReadByte() >= 0)
            {
                string found = length < text.Length ? ElfFaults.Text($"{length} bytes") : "more";
                throw new BootFormatException(BootErrorCode.WrongSize, Structure, "", offset, ElfFaults.Text($"{size} bytes of configuration"), found);
            }
        }
        catch (InvalidDataException broken)
        {
            throw new BootFormatException(BootErrorCode.Malformed, Structure, "", offset, "an intact gzip stream", "a broken one", broken);
        }

        return text;
    }
}
