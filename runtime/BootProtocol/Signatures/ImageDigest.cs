using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Pe;

namespace BootProtocol.Signatures;

/// <summary>The digest of an EFI program by which it is signed, revoked and measured (Authenticode).</summary>
/// <remarks>
/// It is one of the whole file but for what a signature changes: the checksum in the optional header, the place of the certificates, and
/// these. What follows the sections counts, so that nothing can be hidden there. The same digest is what firmware extends PCR 4 with when
/// it starts the program. To sign a file whose length is no multiple of 8 bytes makes it longer, which makes its digest another one.
/// Source: Microsoft, "Windows Authenticode Portable Executable Signature Format", "Calculating the PE Image Hash".
/// </remarks>
/// <example><code>
/// byte[] digest = ImageDigest.Compute(unified, HashFunction.Sha256);
/// Console.WriteLine($"PCR 4 is extended with {Convert.ToHexStringLower(digest)}");
/// </code></example>
public static class ImageDigest
{
    /// <summary>Computes it; reads the whole file.</summary>
    /// <param name="image">An image with PE headers.</param>
    /// <param name="function">The hash function; Secure Boot takes SHA-256.</param>
    /// <exception cref="BootFormatException">It has none, or they do not describe the file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is no hash function.</exception>
    public static byte[] Compute(BootImage image, HashFunction function)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Compute(image.Memory, function);
    }

    /// <summary>Computes it of a file.</summary>
    internal static byte[] Compute(ReadOnlyMemory<byte> file, HashFunction function)
    {
        if (!PeView.TryFind(file.Span, out PeView pe))
            throw new BootFormatException(BootErrorCode.Missing, "image", "", 0, "an EFI program, which has PE headers", "none");
        if (pe.Fault.IsError)
            throw pe.Fault.ToException();
        RunningHash hash = HashFunctions.Create(function);
        long covered = AddHeaders(hash, file.Span, pe);
        foreach ((long offset, long length) in Sections(pe))
        {
            covered += length;
            Require(file, offset, length, covered + pe.Certificates.Length);
            hash.Add(file.Span.Slice((int)offset, (int)length));
        }

        long rest = file.Length - pe.Certificates.Length - covered;
        hash.Add(file.Span.Slice((int)covered, (int)rest));
        return hash.Finish();
    }

    private static long AddHeaders(RunningHash hash, ReadOnlySpan<byte> file, PeView pe)
    {
        const int Index = (int)DataDirectoryIndex.Certs;
        long length = pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader wide) ? wide.HeaderSize
            : pe.TryGetOptionalHeader32(out Pe32OptionalHeader narrow) ? narrow.HeaderSize : 0;
        long checksumEnd = pe.ChecksumOffset + sizeof(uint);
        bool hasPlace = pe.DataDirectory.Count > Index;
        long place = hasPlace ? pe.DirectoryOffset + (Index * DataDirectoryEntry.Layout.Size) : checksumEnd;
        long placeEnd = hasPlace ? place + DataDirectoryEntry.Layout.Size : checksumEnd;
        if (length < placeEnd || length > file.Length - pe.Certificates.Length)
        {
            throw new BootFormatException(
                BootErrorCode.OutOfBounds,
                "pe_opt_hdr",
                "header_size",
                null,
                FormattableString.Invariant($"{placeEnd} to {file.Length - pe.Certificates.Length} bytes of headers"),
                FormattableString.Invariant($"{length}"));
        }

        hash.Add(file[..(int)pe.ChecksumOffset]);
        hash.Add(file[(int)checksumEnd..(int)place]);
        hash.Add(file[(int)placeEnd..(int)length]);
        return length;
    }

    /// <summary>The contents of the sections, in the order in which they lie in the file.</summary>
    private static IEnumerable<(long Offset, long Length)> Sections(PeView pe)
    {
        var sections = new List<(long Offset, long Length)>();
        foreach (SectionHeader section in pe.Sections)
        {
            if (section.RawDataSize > 0)
                sections.Add((section.DataAddr, section.RawDataSize));
        }

        return sections.OrderBy(static section => section.Offset);
    }

    /// <summary>Firmware refuses headers, sections and certificates that are more than the file together: then some of them overlap.</summary>
    private static void Require(ReadOnlyMemory<byte> file, long offset, long length, long total)
    {
        if (offset + length <= file.Length && total <= file.Length)
            return;
        throw new BootFormatException(
            BootErrorCode.OutOfBounds,
            "section_header",
            "raw_data_size",
            null,
            FormattableString.Invariant($"contents inside a file of {file.Length} bytes, apart from each other"),
            FormattableString.Invariant($"{length} bytes at offset 0x{offset:x}, {total} with all before them"));
    }
}
