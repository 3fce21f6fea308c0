using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Linux;

/// <summary>An initial ramdisk whose only program says what it sees: init.c, compiled by gcc, and a file of data.</summary>
internal static class GuestInit
{
    private static readonly ConcurrentDictionary<WordSize, Lazy<byte[]>> _programs = new();

    /// <summary>Makes the archive.</summary>
    /// <param name="word">The word size of the program.</param>
    /// <param name="data">What the file "data" holds.</param>
    public static byte[] Archive(WordSize word, ReadOnlySpan<byte> data)
    {
        var archive = new List<byte>();
        Append(archive, "init", 0x81ed, _programs.GetOrAdd(word, static word => new(() => Compile(word))).Value);
        Append(archive, "data", 0x81a4, data);
        Append(archive, "TRAILER!!!", 0, []);
        return [.. archive];
    }

    /// <summary>What the program prints about a file "data".</summary>
    public static string SumOf(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i < data.Length; i++)
            sum += data[i] * (uint)(i + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{data.Length:x} {sum:x}");
    }

    private static byte[] Compile(WordSize word)
    {
        using var folder = new TemporaryFolder();
        string source = Repository.File("tests", "Boot.Tests", "Linux", "init.c");
        string[] options =
        [
            $"-m{(int)word}", "-O1", "-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie",
            "-fno-asynchronous-unwind-tables", "-s", "-o", "init", source,
        ];
        _ = ToolRun.Start("gcc", options, folder.Path).Succeeded();
        return File.ReadAllBytes(folder.File("init"));
    }

    /// <summary>Appends a file in the form that cpio calls newc; Linux's Documentation/driver-api/early-userspace describes it.</summary>
    private static void Append(List<byte> archive, string name, int mode, ReadOnlySpan<byte> bytes)
    {
        int[] fields = [archive.Count + 1, mode, 0, 0, 1, 0, bytes.Length, 0, 0, 0, 0, name.Length + 1, 0];
        var head = new StringBuilder("070701");
        foreach (int field in fields)
            head.Append(CultureInfo.InvariantCulture, $"{field:x8}");
        archive.AddRange(Encoding.ASCII.GetBytes($"{head}{name}\0"));
        Pad(archive);
        archive.AddRange(bytes);
        Pad(archive);
    }

    private static void Pad(List<byte> archive) => archive.AddRange(new byte[-archive.Count & 3]);
}
