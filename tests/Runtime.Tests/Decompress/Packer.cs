using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>A compression tool, with options, that reads standard input and writes standard output.</summary>
internal sealed record Packer(PayloadFormat Format, string Command)
{
    /// <summary>Every way of packing that the tests try, with blocks and dictionaries that tools are quick to set up.</summary>
    public static IReadOnlyList<Packer> All { get; } =
    [
        new(PayloadFormat.Gzip, "gzip -n -9"),
        new(PayloadFormat.Gzip, "gzip -1"),
        new(PayloadFormat.Bzip2, "bzip2 -4"),
        new(PayloadFormat.Bzip2, "bzip2 -1"),
        new(PayloadFormat.Lzma, "xz --format=lzma --lzma1=preset=9,dict=1MiB"),
        new(PayloadFormat.Lzma, "xz --format=lzma --lzma1=lc=0,lp=0,pb=0,mf=hc3,mode=fast,nice=5"),
        new(PayloadFormat.Xz, "xz --check=crc32 --x86 --lzma2=dict=1MiB"),
        new(PayloadFormat.Xz, "xz --check=crc32 --x86 --lzma2=preset=0,dict=128MiB"),
        new(PayloadFormat.Xz, "xz --check=none --lzma2=lc=0,lp=4,pb=4"),
        new(PayloadFormat.Xz, "xz --check=crc64 -0 --block-size=70000"),
        new(PayloadFormat.Xz, "xz --check=sha256 -T2 --block-size=300001 --x86 --lzma2=preset=1"),
        new(PayloadFormat.Xz, "xz --check=crc32 --x86=start=4096 --lzma2=preset=1,pb=0"),
        new(PayloadFormat.Lzo, "lzop -9"),
        new(PayloadFormat.Lzo, "lzop -1"),
        new(PayloadFormat.Lzo, "lzop -1 -F"),
        new(PayloadFormat.Lzo, "lzop -3 --crc32"),
        new(PayloadFormat.Lz4, "lz4 -l -9"),
        new(PayloadFormat.Lz4, "lz4 -l -1"),
        new(PayloadFormat.Lz4, "lz4 -1"),
        new(PayloadFormat.Lz4, "lz4 -9 -BD -B5 -BX"),
        new(PayloadFormat.Lz4, "lz4 -1 -BI -B6 --no-frame-crc"),
        new(PayloadFormat.Zstd, "zstd -3"),
        new(PayloadFormat.Zstd, "zstd -19 --zstd=clog=20,hlog=17"),
        new(PayloadFormat.Zstd, "zstd -1 --long=27 --no-check"),
    ];

    /// <summary>What kernels are packed with.</summary>
    public static IReadOnlyList<Packer> OfKernels { get; } =
    [
        new(PayloadFormat.Gzip, "gzip -n -9"),
        new(PayloadFormat.Bzip2, "bzip2 -9"),
        new(PayloadFormat.Lzma, "lzma -9"),
        new(PayloadFormat.Xz, "xz --check=crc32 --x86 --lzma2=dict=32MiB"),
        new(PayloadFormat.Lzo, "lzop -9"),
        new(PayloadFormat.Lz4, "lz4 -l -9"),
        new(PayloadFormat.Zstd, "zstd -22 --ultra --zstd=clog=20,hlog=18"),
    ];

    /// <summary>The command that unpacks from standard input to standard output.</summary>
    public string UnpackCommand => Format switch
    {
        PayloadFormat.Gzip => "gzip -dc",
        PayloadFormat.Bzip2 => "bzip2 -dc",
        PayloadFormat.Lzma => "xz --format=lzma -dc",
        PayloadFormat.Xz => "xz -dc",
        PayloadFormat.Lzo => "lzop -dc",
        PayloadFormat.Lz4 => "lz4 -dc",
        _ => "zstd -dc --long=31",
    };

    /// <summary>The packer of a command line.</summary>
    public static Packer Find(string command) => All.Concat(OfKernels).First(packer => packer.Command == command);

    /// <summary>Packs bytes as the tool does.</summary>
    public byte[] Pack(ReadOnlyMemory<byte> bytes) => Filter.Run(Command, bytes);

    /// <summary>Packs bytes, and adds their size as the kernel's build does, except to gzip.</summary>
    public byte[] PackPayload(ReadOnlyMemory<byte> bytes) => WithSize(Pack(bytes), (uint)bytes.Length);

    /// <summary>Makes a payload that states a size: gzip does so by itself, in its last word.</summary>
    public byte[] WithSize(byte[] stream, uint size) => WithTrailer(Format == PayloadFormat.Gzip ? stream[..^sizeof(uint)] : stream, size);

    public static byte[] WithTrailer(byte[] stream, uint size)
    {
        var payload = new byte[stream.Length + sizeof(uint)];
        stream.CopyTo(payload, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(stream.Length), size);
        return payload;
    }
}
