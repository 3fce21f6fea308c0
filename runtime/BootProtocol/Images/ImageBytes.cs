using System.Buffers;
using System.Globalization;

namespace BootProtocol.Images;

/// <summary>Gets hold of an image's bytes.</summary>
internal static class ImageBytes
{
    /// <summary>The most bytes, 1 GiB, that are read from something that cannot be mapped and may never end.</summary>
    public const int MaximumStreamLength = 1 << 30;

    private const int FirstBufferLength = 1 << 16;

    /// <summary>Maps a file; what has no length beforehand (a pipe, a device) is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mustBeImage">Whether what is read is given up as soon as its first bytes are of no known kind of image.</param>
    /// <returns>The bytes, and what must be disposed to let go of them (null for nothing).</returns>
    public static (ReadOnlyMemory<byte> Bytes, IDisposable? Owner) FromFile(string path, bool mustBeImage = true)
    {
        // Shared with everyone: a kernel file is replaced, not written into, and no lock may stop that.
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            if (!stream.CanSeek || stream.Length == 0)
            {
                using (stream)
                    return (FromStream(stream, mustBeImage), null);
            }

            if (stream.Length > int.MaxValue)
                throw TooLong(int.MaxValue, stream.Length.ToString(CultureInfo.InvariantCulture));
            var mapped = new MappedMemory(stream, (int)stream.Length);
            return (mapped.Memory, mapped);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="BootFormatException">
    /// There are more than <see cref="MaximumStreamLength"/> bytes, or the first ones are of no known kind of image.
    /// </exception>
    public static ReadOnlyMemory<byte> FromStream(Stream stream, bool mustBeImage = true)
    {
        byte[] buffer = new byte[FirstBufferLength];
        int length = stream.ReadAtLeast(buffer, ImageKindDetector.TellingLength, throwOnEndOfStream: false);
        if (mustBeImage && !ImageKindDetector.CouldBeImage(buffer.AsSpan(0, length)))
            throw ImageKindDetector.Unknown(buffer.AsSpan(0, length));
        while (true)
        {
            // A read into no room would look like the end.
            if (length == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(length * 2L, MaximumStreamLength + 1L));
            int count = stream.Read(buffer, length, buffer.Length - length);
            if (count == 0)
                return buffer.AsMemory(0, length);
            length += count;
            if (length > MaximumStreamLength)
                throw TooLong(MaximumStreamLength, "more");
        }
    }

    private static BootFormatException TooLong(int limit, string found) =>
        new("file", "", null, string.Create(CultureInfo.InvariantCulture, $"at most {limit} bytes"), found);
}
