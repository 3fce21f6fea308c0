using System.Globalization;
using BootProtocol.Allocation;

namespace BootProtocol.Images;

/// <summary>Gets hold of an image's bytes.</summary>
/// <remarks>
/// Files are read and not mapped: a file that somebody shortens while it is mapped ends the process, and no check beforehand can prevent
/// that. With large pages behind the memory, to read a kernel takes no longer than to map it and touch its pages.
/// </remarks>
internal static class ImageBytes
{
    /// <summary>The most bytes, 1 GiB, that are read from something that has no length beforehand and may never end.</summary>
    public const int MaximumStreamLength = 1 << 30;

    private const int FirstBufferLength = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mustBeImage">Whether what is read is given up as soon as its first bytes are of no known kind of image.</param>
    /// <returns>The bytes, and the memory that they are in.</returns>
    public static (ReadOnlyMemory<byte> Bytes, OwnedMemory Owner) FromFile(string path, bool mustBeImage = true)
    {
        // Shared with everyone: a kernel file is replaced, not written into, and no lock may stop that.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long length = stream.CanSeek ? stream.Length : 0;
        if (length > Array.MaxLength)
            throw TooLong(Array.MaxLength, length.ToString(CultureInfo.InvariantCulture));
        return Read(stream, (int)length, mustBeImage);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <returns>The bytes, and the memory that they are in.</returns>
    /// <exception cref="BootFormatException">
    /// There are more than <see cref="MaximumStreamLength"/> bytes, or the first ones are of no known kind of image.
    /// </exception>
    public static (ReadOnlyMemory<byte> Bytes, OwnedMemory Owner) FromStream(Stream stream, bool mustBeImage = true) =>
        Read(stream, 0, mustBeImage);

    /// <summary>Reads to the end, or as many bytes as a file has.</summary>
    private static (ReadOnlyMemory<byte> Bytes, OwnedMemory Owner) Read(Stream stream, int fileLength, bool mustBeImage)
    {
        OwnedMemory buffer = OwnedMemory.Allocate(fileLength == 0 ? FirstBufferLength : Math.Min(fileLength, FirstBufferLength));
        int enough = Math.Min(ImageKindDetector.TellingLength, buffer.Length);
        int length = stream.ReadAtLeast(buffer.GetSpan(), enough, throwOnEndOfStream: false);
        if (mustBeImage && !ImageKindDetector.CouldBeImage(buffer.GetSpan()[..length]))
            throw ImageKindDetector.Unknown(buffer.GetSpan()[..length]);
        while (length != fileLength || fileLength == 0)
        {
            // A read into no room would look like the end.
            if (length == buffer.Length)
                buffer = Grow(buffer, fileLength == 0 ? (int)Math.Min(length * 2L, MaximumStreamLength + 1L) : fileLength);
            int count = stream.Read(buffer.GetSpan()[length..]);
            if (count == 0)
                break;
            length += count;
            if (fileLength == 0 && length > MaximumStreamLength)
                throw TooLong(MaximumStreamLength, "more");
        }

        return (buffer.Memory[..length], buffer);
    }

    private static OwnedMemory Grow(OwnedMemory buffer, int length)
    {
        OwnedMemory larger = OwnedMemory.Allocate(length);
        buffer.GetSpan().CopyTo(larger.GetSpan());
        buffer.Close();
        return larger;
    }

    private static BootFormatException TooLong(int limit, string found) =>
        new(BootErrorCode.TooLarge, "file", "", null, string.Create(CultureInfo.InvariantCulture, $"at most {limit} bytes"), found);
}
