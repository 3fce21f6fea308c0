using System.Collections.Concurrent;
using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Linux;

/// <summary>An initial ramdisk whose only program says what it sees: init.c, compiled by gcc, and a file of data.</summary>
internal static class GuestInit
{
    private static readonly ConcurrentDictionary<WordSize, Lazy<byte[]>> _programs = new();

    /// <summary>Makes the archive.</summary>
    /// <param name="word">The word size of the program.</param>
    /// <param name="data">What the file "data" holds.</param>
    /// <param name="hasSymbols">Whether it is to read all symbols of the kernel, too.</param>
    public static byte[] Archive(WordSize word, ReadOnlySpan<byte> data, bool hasSymbols = false)
    {
        var archive = new CpioArchive();
        archive.AddFile("init", _programs.GetOrAdd(word, static word => new(() => Compile(word))).Value);
        archive.AddFile("data", data);
        if (hasSymbols)
            archive.AddFile("symbols", []);
        return archive.ToArray();
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
}
