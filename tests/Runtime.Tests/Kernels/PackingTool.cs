using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>The tools that pack kernels. What they made is kept in tests/.cache/packed.</summary>
internal static class PackingTool
{
    /// <summary>The formats that have a tool, by the names of the JSON documents.</summary>
    public static readonly string[] Formats = ["gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd"];

    /// <summary>Packs a kernel.</summary>
    /// <param name="name">The kernel's name, which must stand for its contents.</param>
    /// <param name="format">The format.</param>
    /// <param name="kernel">The kernel's bytes.</param>
    /// <returns>The stream, without a size trailer.</returns>
    public static byte[] Pack(string name, string format, byte[] kernel) => Cached($"{name}-{kernel.Length}.{format}", target =>
    {
        File.WriteAllBytes($"{target}.in", kernel);
        Run($"{Command(format)} < '{target}.in' > '{target}'");
        File.Delete($"{target}.in");
    });

    /// <summary>Packs zeroes.</summary>
    /// <param name="mebibytes">How many MiB of them.</param>
    /// <param name="format">The format.</param>
    public static byte[] PackZeroes(int mebibytes, string format) => Cached(
        $"zeroes-{mebibytes}.{format}", target => Run($"head -c {mebibytes}M /dev/zero | {Command(format)} > '{target}'"));

    private static string Command(string format) => format switch
    {
        "gzip" => "gzip -1 -n -c",
        "bzip2" => "bzip2 -1 -c",
        "lzma" => "xz -0 --format=lzma -c",
        "xz" => "xz -c --check=crc32 --x86 --lzma2=preset=0,dict=32MiB",
        "lzo" => "lzop -1 -c",
        "lz4" => "lz4 -l -1 -q -c",
        "zstd" => "zstd -1 -q -c",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static byte[] Cached(string name, Action<string> make)
    {
        NeedsAttribute.Check(Need.Tools, name);
        string folder = Repository.File("tests", ".cache", "packed");
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            string temporary = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
            make(temporary);
            File.Move(temporary, path, overwrite: true);
        }

        return File.ReadAllBytes(path);
    }

    private static void Run(string command) =>
        _ = ToolRun.Start("bash", ["-c", $"set -o pipefail; {command}"], Path.GetTempPath()).Succeeded();
}
