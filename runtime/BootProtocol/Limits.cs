namespace BootProtocol;

/// <summary>How much an image may ask for. What asks for more ends with one <see cref="BootFormatException"/>.</summary>
/// <remarks>
/// The defaults are those of Xen's own loaders where these have any: 1 GiB of output (XSA-25), 256 MiB for a decoder, 65,536 notes and
/// strings of 4,096 bytes (XSA-55). A number that is negative or above what is said here throws
/// <see cref="ArgumentOutOfRangeException"/>.
/// </remarks>
/// <example><code>
/// var limits = new Limits { MaximumOutput = 64 &lt;&lt; 20, MaximumNotes = 1000 };
/// using BootImage opened = BootImage.Open(path, limits);
/// using Kernel decoded = opened.Decompress(limits);
/// Console.WriteLine(decoded.Length);
/// </code></example>
public sealed class Limits
{
    /// <summary>The defaults.</summary>
    public static Limits Default { get; } = new();

    /// <summary>
    /// The most bytes that a payload may decode to: 0 to <see cref="Array.MaxLength"/>; 1 GiB unless set. Compressed files within each other
    /// share them; the kernel in the innermost one may have as many of its own.
    /// </summary>
    public int MaximumOutput { get; init => field = InRange(value, Array.MaxLength); } = 1 << 30;

    /// <summary>
    /// The most bytes of memory that a decoder may hold besides payload and output, on all cores together: 0 to
    /// <see cref="int.MaxValue"/>; 256 MiB unless set. What a decoder takes for any payload, less than 1 MiB, does not count. The names of a
    /// kernel's symbols together, and those of its exports, may take as much.
    /// </summary>
    public int MaximumDecoderMemory { get; init => field = InRange(value, int.MaxValue); } = 256 << 20;

    /// <summary>The most notes that an ELF file may have in all: 65,536 unless set.</summary>
    public int MaximumNotes { get; init => field = InRange(value, int.MaxValue); } = 65_536;

    /// <summary>The most bytes that a string of an image may have, its final zero not counted: 4,096 unless set.</summary>
    public int MaximumStringLength { get; init => field = InRange(value, int.MaxValue); } = 4_096;

    /// <summary>
    /// The most bytes that the segments of an ELF file may copy and clear, as a multiple of the destination's size: 2 unless set.
    /// </summary>
    public int MaximumCopyFactor { get; init => field = InRange(value, int.MaxValue); } = 2;

    /// <summary>These limits where some of the output is there already.</summary>
    /// <param name="output">Bytes of it: at most <see cref="MaximumOutput"/>.</param>
    internal Limits Without(int output) => new()
    {
        MaximumOutput = MaximumOutput - output,
        MaximumDecoderMemory = MaximumDecoderMemory,
        MaximumNotes = MaximumNotes,
        MaximumStringLength = MaximumStringLength,
        MaximumCopyFactor = MaximumCopyFactor,
    };

    private static int InRange(int value, int maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, maximum);
        return value;
    }
}
