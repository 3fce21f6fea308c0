using System.Globalization;

namespace BootProtocol.Elf;

/// <summary>The bytes of a kernel, from whatever holds them; a source that decodes them does so up to what is asked for.</summary>
/// <remarks>Spans stay valid, and keep their contents, until the source is disposed.</remarks>
/// <example><code>
/// KernelBytes contents = kernel.Bytes;
/// ReadOnlySpan&lt;byte&gt; magic = contents.Read(0, 4);          // decodes no further than it must
/// Console.WriteLine($"{Convert.ToHexString(magic)}, {contents.Length} bytes");
/// </code></example>
public abstract class KernelBytes
{
    /// <summary>The number of bytes. A source that decodes has it beforehand, and fails when there turn out to be fewer.</summary>
    public abstract long Length { get; }

    /// <summary>Takes bytes that are in memory. Nothing is copied.</summary>
    public static KernelBytes FromMemory(ReadOnlyMemory<byte> memory) => new MemoryKernelBytes(memory);

    /// <summary>Looks at some of the bytes.</summary>
    /// <param name="offset">Where they start, in bytes.</param>
    /// <param name="length">How many they are; 0 is allowed everywhere up to the end.</param>
    /// <exception cref="BootFormatException">They are not all there, or cannot be decoded.</exception>
    public ReadOnlySpan<byte> Read(long offset, long length)
    {
        if (offset < 0 || length < 0 || length > int.MaxValue || offset > Length - length)
        {
            throw new BootFormatException(
                BootErrorCode.OutOfBounds,
                "kernel",
                "",
                offset,
                string.Create(CultureInfo.InvariantCulture, $"{length} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"a kernel of {Length} bytes"));
        }

        return ReadChecked(offset, (int)length);
    }

    /// <summary>Looks at some of the bytes, which are known to lie below <see cref="Length"/>.</summary>
    /// <param name="offset">Where they start, in bytes.</param>
    /// <param name="length">How many they are.</param>
    /// <exception cref="BootFormatException">They cannot be decoded.</exception>
    protected abstract ReadOnlySpan<byte> ReadChecked(long offset, int length);
}
