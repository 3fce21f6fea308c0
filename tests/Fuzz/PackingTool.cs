namespace BootProtocol.Fuzz;

/// <summary>The real compression tools, which make the packed fixtures.</summary>
internal static class PackingTool
{
    /// <summary>The format's name and the filter that packs as kernels are packed.</summary>
    public static IReadOnlyList<(string Format, string Command)> All { get; } =
    [
        ("gzip", "gzip -9n -c"),
        ("bzip2", "bzip2 -9 -c"),
        ("lzma", "xz --format=lzma -c"),
        ("xz", "xz --check=crc32 --x86 --lzma2=dict=32MiB -c"),
        ("lzo", "lzop -9 -c"),
        ("lz4", "lz4 -l -9 -c"),
        ("zstd", "zstd -19 -c"),
    ];
}
