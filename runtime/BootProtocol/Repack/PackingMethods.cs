using System.IO.Compression;
using BootProtocol.Decompress;
using ICSharpCode.SharpZipLib.BZip2;
using K4os.Compression.LZ4;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace BootProtocol.Repack;

/// <summary>The ways to pack a payload of each format, the quickest first. Each is as a kernel's build packs it, but for how hard it tries.</summary>
/// <remarks>
/// Source: scripts/Makefile.lib and scripts/xz_wrap.sh of Linux. Where a library packs as well as the program that the build uses, that one is
/// not needed; what a library packs less well is tried with the program, too, where that is there.
/// </remarks>
internal static class PackingMethods
{
    /// <summary>Bytes that go to an encoder between two looks at cancellation.</summary>
    private const int PieceLength = 1 << 20;

    private const int Mebibyte = 1 << 20;
    private const int SmallestDictionary = 32 * Mebibyte;
    private const int LargestDictionary = 128 * Mebibyte;

    /// <summary>The ways for a format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="payload">The payload as it was; the new one has the filters that it has.</param>
    /// <param name="length">Bytes that are to be packed.</param>
    public static IReadOnlyList<PackingMethod> Of(PayloadFormat format, ReadOnlySpan<byte> payload, int length) => format switch
    {
        PayloadFormat.Gzip => [new("gzip", Gzip), PackingProgram.Method("gzip", "-9", "-n", "-c")],
        PayloadFormat.Bzip2 => [new("bzip2 -9", Bzip2), PackingProgram.Method("bzip2", "-9", "-c")],
        PayloadFormat.Lz4 => [Lz4("lz4 -9", LZ4Level.L09_HC), Lz4("lz4 -12", LZ4Level.L12_MAX)],
        PayloadFormat.Zstd => [Zstd(3), Zstd(22)],
        PayloadFormat.Xz => Xz(HasBranchFilter(payload), length),
        PayloadFormat.Lzma => [
            PackingProgram.Method("xz", "--format=lzma", "-9", "-c", "-q"),
            PackingProgram.Method("xz", "--format=lzma", "--lzma1=preset=9e,nice=273", "-c", "-q")],
        PayloadFormat.Lzo => [PackingProgram.Method("lzop", "-9", "-c")],
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "is no format that is packed"),
    };

    private static PackingMethod[] Xz(bool isFiltered, int length)
    {
        long dictionary = Math.Clamp((long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length), SmallestDictionary, LargestDictionary) / Mebibyte;
        string[] filter = isFiltered ? ["--x86"] : [];
        return
        [
            Method(FormattableString.Invariant($"--lzma2=preset=6,dict={dictionary}MiB")),
            Method(FormattableString.Invariant($"--lzma2=preset=9e,nice=273,dict={dictionary}MiB")),
        ];

        PackingMethod Method(string chain) => PackingProgram.Method("xz", ["--check=crc32", .. filter, chain, "-T1", "-c", "-q"]);
    }

    private static bool HasBranchFilter(ReadOnlySpan<byte> payload) => XzBlockHeader.Read(payload, XzStream.HeaderLength).FilterStart is not null;

    private static void Gzip(ReadOnlyMemory<byte> bytes, Stream output, CancellationToken cancellation)
    {
        using var stream = new GZipStream(output, CompressionLevel.SmallestSize, leaveOpen: true);
        Write(bytes, stream, cancellation);
    }

    private static void Bzip2(ReadOnlyMemory<byte> bytes, Stream output, CancellationToken cancellation)
    {
        using var stream = new BZip2OutputStream(output, blockSize: 9) { IsStreamOwner = false };
        Write(bytes, stream, cancellation);
    }

    private static PackingMethod Zstd(int level) => new(FormattableString.Invariant($"zstd level {level}"), (bytes, output, cancellation) =>
    {
        try
        {
            using var stream = new CompressionStream(output, level, leaveOpen: true);
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            stream.SetPledgedSrcSize((ulong)bytes.Length);
            Write(bytes, stream, cancellation);
        }
        catch (ZstdException exception) when (cancellation.IsCancellationRequested)
        {
            // A frame that ends before it has all the bytes that it was to have is an error of its own.
            throw new OperationCanceledException("packing was cancelled", exception, cancellation);
        }
    });

    private static PackingMethod Lz4(string name, LZ4Level level) => new(name, (bytes, output, cancellation) =>
    {
        Lz4Packing.Pack(bytes.Span, level, output, cancellation);
    });

    private static void Write(ReadOnlyMemory<byte> bytes, Stream stream, CancellationToken cancellation)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, PieceLength)..])
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(bytes.Span[..Math.Min(bytes.Length, PieceLength)]);
        }
    }
}
