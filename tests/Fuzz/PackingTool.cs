using System.Diagnostics;

namespace BootProtocol.Fuzz;

/// <summary>The real compression tools, which make the packed fixtures.</summary>
internal static class PackingTool
{
    /// <summary>The format's name and the command that packs standard input as kernels are packed.</summary>
    public static IReadOnlyList<(string Format, string Program, string Arguments)> All { get; } =
    [
        ("gzip", "gzip", "-9n"),
        ("bzip2", "bzip2", "-9"),
        ("lzma", "xz", "--format=lzma"),
        ("xz", "xz", "--check=crc32 --x86 --lzma2=dict=32MiB"),
        ("lzo", "lzop", "-9"),
        ("lz4", "lz4", "-l -9"),
        ("zstd", "zstd", "-19"),
    ];

    public static byte[] Pack(string program, string arguments, byte[] bytes)
    {
        var start = new ProcessStartInfo(program, arguments + " -c") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Task feed = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(bytes);
            process.StandardInput.Close();
        });
        using var packed = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(packed);
        feed.Wait();
        process.WaitForExit();
        return process.ExitCode == 0 ? packed.ToArray() : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }
}
