using System.Globalization;
using System.Security.Cryptography;
using BootProtocol.Boot.Tests.Linux;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>
/// What the first process of a Linux guest reports. In 64-bit guests that is Debian's busybox with a script, in 32-bit guests a program of
/// a few system calls.
/// </summary>
internal sealed class UserSpace
{
    private const string Marker = "user space reached";
    private const string Script = """
        #!/busybox sh
        /busybox mkdir /proc /sys
        /busybox mount -t proc proc /proc
        /busybox mount -t sysfs sysfs /sys
        /busybox dmesg -n 1
        /busybox printf '\nuser space reached\ncommand line: '
        /busybox cat /proc/cmdline
        /busybox printf 'version: %s\n' "$(/busybox cat /proc/version)"
        /busybox printf 'file: %s\n' "$(/busybox sha256sum < /data)"
        /busybox printf 'symbol: %s\n' "$(/busybox grep -m 1 ' _text$' /proc/kallsyms)"
        /busybox printf 'loader: %s\n' "$(/busybox cat /proc/sys/kernel/bootloader_type)"
        /busybox printf 'ramdisk: %s\n' "$(/busybox dmesg | /busybox grep -o 'RAMDISK: .*')"
        for range in /sys/firmware/memmap/*; do
            read -r first < $range/start && read -r last < $range/end && read -r type < $range/type
            echo "range: $first $last $type"
        done
        /busybox printf 'end of report\n'
        /busybox reboot -f
        """;

    private readonly GuestReport _report;

    private UserSpace(string output, GuestReport report)
    {
        Output = output;
        _report = report;
    }

    /// <summary>All that came over the serial port.</summary>
    public string Output { get; }

    /// <summary>The kernel's command line.</summary>
    public string CommandLine => _report["command line"];

    /// <summary>The kernel's banner, as /proc/version has it.</summary>
    public string Version => _report["version"];

    /// <summary>What the process says about the file "data".</summary>
    public string File => _report["file"].Split(' ', 2) is [var sum, "-" or " -"] ? sum : _report["file"];

    /// <summary>The address of the kernel's first byte, as /proc/kallsyms has it.</summary>
    public ulong Text => ulong.Parse(_report["symbol"].Split(' ')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>Where the kernel found the initial ramdisk: the address of its first and of its last byte, whole pages.</summary>
    public (ulong First, ulong Last) Ramdisk
    {
        get
        {
            string[] ends = _report["ramdisk"].Split("[mem ")[1].TrimEnd(']').Split('-');
            return (Hexadecimal(ends[0]), Hexadecimal(ends[1]));
        }
    }

    /// <summary>The number under which the kernel shows its boot loader.</summary>
    public string Loader => _report["loader"];

    /// <summary>The memory map that the kernel was given, ascending: first and last address, and what Linux calls the type.</summary>
    public IReadOnlyList<(ulong First, ulong Last, string Type)> Map =>
    [
        .. _report.All("range")
            .Select(line => line.Split(' ', 3))
            .Select(parts => (Hexadecimal(parts[0]), Hexadecimal(parts[1]), parts[2]))
            .OrderBy(range => range.Item1),
    ];

    /// <summary>Bytes of memory in that map.</summary>
    public ulong Memory => Map.Where(range => range.Type == "System RAM").Aggregate(0UL, (sum, range) => sum + range.Last - range.First + 1);

    /// <summary>Makes an initial ramdisk.</summary>
    /// <param name="word">The kernel's word size.</param>
    /// <param name="data">What the file "data" holds.</param>
    public static byte[] Archive(WordSize word, byte[] data)
    {
        if (word == WordSize.Bits32)
            return GuestInit.Archive(word, data);
        const string Busybox = "/bin/busybox";
        Assert.True(System.IO.File.Exists(Busybox), $"{Busybox} is not there: tests/run.sh installs what the tests need.");
        var archive = new CpioArchive();
        archive.AddFile("busybox", System.IO.File.ReadAllBytes(Busybox));
        archive.AddFile("init", System.Text.Encoding.ASCII.GetBytes(Script.ReplaceLineEndings("\n")));
        archive.AddFile("data", data);
        return archive.ToArray();
    }

    /// <summary>What <see cref="File"/> is for some data.</summary>
    public static string SumOf(WordSize word, byte[] data) =>
        word == WordSize.Bits32 ? GuestInit.SumOf(data) : Convert.ToHexStringLower(SHA256.HashData(data));

    /// <summary>Takes the report out of what a guest printed; it must be there to its end.</summary>
    public static UserSpace Read(ToolRun run) => Read(run.Output, run.ToString());

    /// <inheritdoc cref="Read(ToolRun)"/>
    public static UserSpace Read(string output, string context)
    {
        int start = output.IndexOf(Marker, StringComparison.Ordinal);
        Assert.True(start >= 0, $"The guest does not reach user space.\n{context}");
        Assert.True(output.Contains("end of report", StringComparison.Ordinal), $"The report is not complete.\n{context}");
        return new UserSpace(output, GuestReport.Parse(output[start..]));
    }

    private static ulong Hexadecimal(string text) =>
        ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
