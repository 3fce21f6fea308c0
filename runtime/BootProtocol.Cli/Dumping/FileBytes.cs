namespace BootProtocol.Cli.Dumping;

/// <summary>Reads a part of a file of any size.</summary>
internal static class FileBytes
{
    /// <summary>Reads bytes.</summary>
    /// <param name="path">The file; <c>-</c> for standard input.</param>
    /// <param name="offset">Where to start.</param>
    /// <param name="count">How many to read.</param>
    /// <returns>The bytes; fewer of them where the file ends before.</returns>
    /// <exception cref="ToolException">The file cannot be read.</exception>
    public static byte[] Read(string path, long offset, int count) =>
        InputFile.Open(path, file => Read(File.OpenRead(file), offset, count), stream => Read(stream, offset, count));

    private static byte[] Read(Stream stream, long offset, int count)
    {
        using (stream)
        {
            if (stream.CanSeek)
                stream.Position = offset;
            else if (!Skip(stream, offset))
                return [];
            using var bytes = new MemoryStream();
            Span<byte> buffer = stackalloc byte[4096];
            while (count > bytes.Length && stream.Read(buffer[..(int)Math.Min(buffer.Length, count - bytes.Length)]) is var read and > 0)
                bytes.Write(buffer[..read]);
            return bytes.ToArray();
        }
    }

    /// <summary>Passes bytes over; false if there are not so many.</summary>
    private static bool Skip(Stream stream, long count)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (count > 0)
        {
            int read = stream.Read(buffer[..(int)Math.Min(buffer.Length, count)]);
            if (read == 0)
                return false;
            count -= read;
        }

        return true;
    }
}
