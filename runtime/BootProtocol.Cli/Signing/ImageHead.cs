namespace BootProtocol.Cli.Signing;

/// <summary>Tells files of images from the frames of raw domains, whose first bytes are the domain's memory.</summary>
internal static class ImageHead
{
    /// <summary>The offset of the signature of Linux's setup header.</summary>
    private const int HeaderOffset = 0x202;

    private const int HeadLength = HeaderOffset + 4;

    /// <summary>Whether a file begins as an EFI program, an ELF file or a Linux image does. Standard input is not looked at.</summary>
    public static bool IsImage(string path)
    {
        if (path == InputFile.Standard || !File.Exists(path))
            return false;
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] head = new byte[HeadLength];
            int read = file.CanSeek ? file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) : 0;
            ReadOnlySpan<byte> bytes = head.AsSpan(0, read);
            return bytes.StartsWith("MZ"u8) || bytes.StartsWith("\u007fELF"u8) || (read == HeadLength && bytes[HeaderOffset..].SequenceEqual("HdrS"u8));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever opens it next says why it cannot be.
            return false;
        }
    }
}
