using System.Runtime.InteropServices;
using BootProtocol.Kexec.Host;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Kexec;

/// <summary>The running system: what a kernel that takes its place needs to be given, and whether it loads one.</summary>
/// <remarks>
/// Everything is read from /sys and /proc when it is asked for; addresses are shown to root alone. Source: Documentation/ABI/testing of Linux
/// (sysfs-firmware-memmap, sysfs-kernel-boot_params, sysfs-firmware-efi, sysfs-kernel-vmcoreinfo).
/// </remarks>
/// <example><code>
/// static ulong CountRam() =&gt; KexecHost.Open().Map.RamSize;
/// </code></example>
public sealed class KexecHost
{
    private const int RebootCapability = 22; // CAP_SYS_BOOT
    private const string Lockdown = "sys/kernel/security/lockdown";
    private const string Switch = "proc/sys/kernel/kexec_load_disabled";

    private KexecHost(string root) => Files = new HostFiles(root);

    internal HostFiles Files { get; }

    /// <summary>Whether this process may load and start kernels.</summary>
    internal bool HasRight
    {
        get
        {
            const string Name = "CapEff:";
            string? line = Files.TryReadText("proc/self/status")?.Split('\n').FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal));
            return line is not null && HostFiles.TryHexadecimal(line[Name.Length..].Trim(), out ulong rights) && ((rights >> RebootCapability) & 1) != 0;
        }
    }

    /// <summary>Opens the system. Nothing is read yet.</summary>
    /// <param name="root">The folder under which the system's folders are.</param>
    public static KexecHost Open(string root = "/") => new(root);

    /// <summary>Whether a kernel is loaded that takes this one's place.</summary>
    public bool IsLoaded => Files.TryReadText("sys/kernel/kexec_loaded") == "1";

    /// <summary>Whether a kernel is loaded that runs when this one panics.</summary>
    public bool IsPanicLoaded => Files.TryReadText("sys/kernel/kexec_crash_loaded") == "1";

    /// <summary>Bytes that are set aside for a kernel that runs when this one panics.</summary>
    public ulong CrashSize => Files.TryReadText("sys/kernel/kexec_crash_size") is { } text && HostFiles.TryNumber(text, out ulong size) ? size : 0;

    /// <summary>The lockdown of the running kernel, <c>integrity</c> or <c>confidentiality</c>; null if there is none, or nobody shows it.</summary>
    public string? LockdownMode
    {
        get
        {
            string? text = Files.TryReadText(Lockdown);
            int start = text?.IndexOf('[', StringComparison.Ordinal) ?? -1, end = text?.IndexOf(']', StringComparison.Ordinal) ?? -1;
            string? mode = start >= 0 && end > start ? text![(start + 1)..end] : null;
            return mode == "none" ? null : mode;
        }
    }

    /// <summary>The machine's memory map, as the firmware gave it, without what the running kernel found to be in use by the firmware.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public MemoryMap Map => field ??= HostMemory.ReadMap(Files);

    /// <summary>The memory that is set aside for a kernel that runs when this one panics; null if there is none.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public MemoryRange? CrashRegion => HostMemory.ReadCrashRegion(Files);

    /// <summary>Bytes of memory that the running kernel manages.</summary>
    /// <exception cref="KexecUnavailableException">That cannot be read.</exception>
    public ulong ManagedMemory
    {
        get
        {
            const string Path = "proc/meminfo", Name = "MemTotal:";
            string line = Files.ReadLines(Path).FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal)) ?? "";
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words is [_, var number, "kB"] && HostFiles.TryNumber(number, out ulong size)
                ? size << 10
                : throw HostFiles.Unexpected(Path, $"a line '{Name} N kB'", line);
        }
    }

    /// <summary>The zero page that the running kernel was given: 4096 bytes.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public ReadOnlyMemory<byte> BootParams
    {
        get
        {
            const string Path = "sys/kernel/boot_params/data";
            byte[] page = Files.ReadBytes(Path);
            return page.Length == LinuxX86.BootParams.Layout.Size ? page : throw HostFiles.Unexpected(Path, "a page", $"{page.Length} bytes");
        }
    }

    /// <summary>Where the ACPI root pointer is; 0 if nobody says so, and kernels look for it themselves.</summary>
    /// <exception cref="KexecUnavailableException">The zero page cannot be read.</exception>
    public Paddr AcpiRsdp => HostFirmware.FindRsdp(Files, LinuxX86.BootParams.Parse(BootParams.Span));

    /// <summary>Whether EFI's runtime services are in use, which the next kernel then takes over.</summary>
    public bool HasEfi => Files.NumberedFolders("sys/firmware/efi/runtime-map", "").Any();

    /// <summary>Whether the running kernel has page tables of five levels, which the processor keeps on at a restart.</summary>
    /// <exception cref="KexecUnavailableException">That cannot be read.</exception>
    public bool HasFiveLevels => Files.ReadLines("proc/cpuinfo")
        .Where(static line => line.StartsWith("flags", StringComparison.Ordinal))
        .Take(1)
        .Any(static line => line.Split(' ').Contains("la57"));

    /// <summary>The running kernel's command line.</summary>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public string CommandLine => Files.ReadText("proc/cmdline");

    /// <summary>The running kernel's command line, without what its own start alone was about.</summary>
    /// <param name="purpose">What the kernel is for that gets it: none for panics gets <c>crashkernel=</c>.</param>
    /// <exception cref="KexecUnavailableException">It cannot be read.</exception>
    public string ReusableCommandLine(KexecPurpose purpose) => CommandLineWords.Without(
        CommandLine, purpose == KexecPurpose.Panic ? ["BOOT_IMAGE", "initrd", "elfcorehdr", "crashkernel"] : ["BOOT_IMAGE", "initrd", "elfcorehdr"]);

    /// <summary>Looks whether the running kernel loads another one, before anything is done.</summary>
    /// <param name="purpose">What for.</param>
    /// <param name="isFile">Whether it is to take an image as it is (kexec_file_load), which a locked kernel does if the image is signed.</param>
    /// <exception cref="KexecUnavailableException">It does not; the message says why, in one line.</exception>
    public void Check(KexecPurpose purpose, bool isFile = false)
    {
        if (Obstacle(purpose, isFile) is { } obstacle)
            throw new KexecUnavailableException(obstacle);
    }

    private string? Obstacle(KexecPurpose purpose, bool isFile)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "only a 64-bit x86 Linux loads kernels by kexec here";
        if (!Files.Exists("sys/kernel/kexec_loaded"))
            return "the running kernel has no kexec";
        if (!HasRight)
            return "kernels are loaded by root alone (CAP_SYS_BOOT)";
        if (Files.TryReadText("sys/hypervisor/guest_type") == "PV")
            return "the running kernel is a paravirtualised guest of Xen, which has no machine to hand on";
        if (Files.TryReadText(Switch) == "1")
            return $"loading kernels is switched off until the next boot (/{Switch} is 1)";
        string limit = purpose == KexecPurpose.Panic ? "proc/sys/kernel/kexec_load_limit_panic" : "proc/sys/kernel/kexec_load_limit_reboot";
        if (Files.TryReadText(limit) == "0")
            return $"no more kernels may be loaded until the next boot (/{limit} is 0)";
        if (!isFile && LockdownMode is { } mode)
            return $"the running kernel is locked down ({mode}), as under Secure Boot: it takes a signed image as it is (kexec_file_load) and nothing else";
        if (purpose == KexecPurpose.Panic && CrashSize == 0)
            return "no memory is set aside for a kernel that runs at a panic: boot with crashkernel=256M or the like";
        return null;
    }
}
