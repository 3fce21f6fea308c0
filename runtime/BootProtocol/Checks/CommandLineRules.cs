using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Checks;

/// <summary>Rules about the command line.</summary>
internal static class CommandLineRules
{
    private const string Parameters = "Documentation/admin-guide/kernel-parameters.txt of Linux";

    /// <summary>More files than this are an initial ramdisk in the kernel, and not the three that every kernel has.</summary>
    private const int OwnFiles = 8;

    /// <summary>Digits of each number in the header of a file.</summary>
    private const int HexDigits = 8;

    private static readonly SearchValues<byte> _hexDigits = SearchValues.Create("0123456789ABCDEFabcdef"u8);

    private static readonly (string Device, string Option)[] _disks =
    [
        ("/dev/vd", "VIRTIO_BLK"), ("/dev/sd", "BLK_DEV_SD"), ("/dev/nvme", "BLK_DEV_NVME"), ("/dev/xvd", "XEN_BLKDEV_FRONTEND"),
    ];

    /// <summary>The rules in their order.</summary>
    public static ImmutableArray<BoundRule> All { get; } =
    [
        new(
            new CheckRule(
                "cmdline-length", CheckSeverity.Error, [], "The command line is no longer than the kernel takes (cmdline_size).",
                "Make it shorter: loaders refuse it, or the kernel loses its end.", "Documentation/arch/x86/boot.rst of Linux, cmdline_size"),
            static subject =>
            {
                int length = Encoding.UTF8.GetByteCount(subject.CommandLine ?? "");
                return subject.HasHeader && (uint)length > subject.Header.CmdlineSize
                    ? FormattableString.Invariant($"it has {length} bytes, and the kernel takes {subject.Header.CmdlineSize}")
                    : null;
            }),
        new(
            new CheckRule(
                "root", CheckSeverity.Error, [],
                "Without a ramdisk, the command line names the root file system, or one in the kernel may (CONFIG_CMDLINE).",
                "Add root=, or a ramdisk.", $"{Parameters}, root="),
            static subject => IsWithoutRamdisk(subject) && !MayNameRoot(subject.Kernel!.DecodeAll().Span)
                && !subject.Words.Any(static word => word.StartsWith("root=", StringComparison.Ordinal))
                ? "there is neither a ramdisk nor root= on the command line: no root file system can be mounted"
                : null),
        new(
            new CheckRule(
                "root-driver", CheckSeverity.Error, [], "Without a ramdisk, the driver of the disk that root= names is built in.",
                "Give it a ramdisk with the driver, or build the driver in.", $"{Parameters}, root="),
            RootDriver),
        new(
            new CheckRule(
                "console", CheckSeverity.Warning, [CheckTarget.Firecracker, CheckTarget.CloudHypervisor],
                "The command line names a console of the monitor: console=ttyS0, or console=hvc0 for Cloud Hypervisor.",
                "Add console=ttyS0: without it the guest runs, and nothing of it is seen.", $"{Parameters}, console="),
            static subject => subject.CommandLine is not null && !subject.Words.Any(word => IsConsole(word, subject.Target))
                ? "there is no console= on the command line that the monitor has"
                : null),
    ];

    /// <summary>Firecracker has a serial port alone.</summary>
    private static bool IsConsole(string word, CheckTarget? target)
    {
        if (word.StartsWith("earlyprintk=", StringComparison.Ordinal))
            return word.Contains("ttyS", StringComparison.Ordinal) || word.Contains("serial", StringComparison.Ordinal);
        return word.StartsWith("console=ttyS", StringComparison.Ordinal)
            || (target != CheckTarget.Firecracker && word.StartsWith("console=hvc", StringComparison.Ordinal));
    }

    /// <summary>Whether there is surely no ramdisk: one that is part of the kernel shows by its files, unless it is packed.</summary>
    private static bool IsWithoutRamdisk(CheckSubject subject) => subject.CommandLine is not null && subject.InitrdBytes.IsEmpty && subject.IsLinux
        && CountFiles(subject.Kernel!.DecodeAll().Span) is > 0 and <= OwnFiles;

    /// <summary>The files of archives that are part of the kernel; a packed one does not count.</summary>
    private static int CountFiles(ReadOnlySpan<byte> kernel)
    {
        int count = 0;
        for (int at; (at = kernel.IndexOf("070701"u8)) >= 0;)
        {
            kernel = kernel[(at + "070701"u8.Length)..];
            if (kernel.Length >= HexDigits && !kernel[..HexDigits].ContainsAnyExcept(_hexDigits))
                count++;
        }

        return count;
    }

    /// <summary>Whether a command line that is part of the kernel may name the root file system (CONFIG_CMDLINE).</summary>
    private static bool MayNameRoot(ReadOnlySpan<byte> kernel)
    {
        for (int at; (at = kernel.IndexOf("root="u8)) >= 0; kernel = kernel[(at + 1)..])
        {
            bool isWord = at == 0 || kernel[at - 1] is 0 or (byte)' ' or (byte)'"';
            int value = at + "root="u8.Length;
            if (isWord && value < kernel.Length && (char.IsAsciiLetterOrDigit((char)kernel[value]) || kernel[value] == '/'))
                return true;
        }

        return false;
    }

    private static string? RootDriver(CheckSubject subject)
    {
        if (!IsWithoutRamdisk(subject))
            return null;
        string? root = subject.Words.LastOrDefault(static word => word.StartsWith("root=", StringComparison.Ordinal))?["root=".Length..];
        (string device, string option) = Array.Find(_disks, disk => root?.StartsWith(disk.Device, StringComparison.Ordinal) == true);
        return option is not null && subject.Lacks(option) is { } reason
            ? $"root= is {ReasonText.Quote(root!)}, and the driver of {device} is not built in: {reason}"
            : null;
    }
}
