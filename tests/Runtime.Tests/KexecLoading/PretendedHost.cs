using System.Globalization;
using BootProtocol.Kexec;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>
/// A folder that looks like the /sys and /proc of a machine with 1 GiB of memory, where root runs a Linux that loads kernels. Tests change files
/// of it.
/// </summary>
internal sealed class PretendedHost : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PretendedHost()
    {
        SetMap((0, 0x9fc00, "System RAM"), (0x9fc00, 0xa0000, "Reserved"), (0x100000, 0x3ffdf000, "System RAM"), (0x3ffdf000, 0x40000000, "ACPI Tables"));
        Write("sys/kernel/kexec_loaded", "0\n");
        Write("sys/kernel/kexec_crash_loaded", "0\n");
        Write("sys/kernel/kexec_crash_size", "0\n");
        Write("proc/self/status", "Name:\tbootproto\nCapEff:\t000001ffffffffff\n");
        Write("proc/sys/kernel/kexec_load_disabled", "0\n");
        Write("proc/meminfo", "MemTotal:         990780 kB\nMemFree:          900000 kB\n");
        Write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu lm\n\n");
        Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 crashkernel=256M \"dyndbg=file a.c +p\" quiet\n");
        Write(
            "proc/iomem",
            "00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n00100000-3ffdefff : System RAM\n  01000000-01ffffff : Kernel code\n");
        Write("dev/urandom", new string('r', 64));
        WritePage(static page =>
        {
            ScreenInfo.Writer screen = page.ScreenInfo;
            screen.OrigVideoLines = 25;
        });
    }

    /// <summary>The machine.</summary>
    public KexecHost Host => KexecHost.Open(_folder.Path);

    /// <summary>Sets memory aside for a panic, as a kernel does that has page tables and processors.</summary>
    public PretendedHost WithCrashRegion()
    {
        Write("sys/kernel/kexec_crash_size", "268435456\n");
        Write(
            "proc/iomem",
            "00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n00100000-00108fff : System RAM\n00109000-3ffdefff : System RAM\n"
            + "  01000000-01ffffff : Kernel code\n  2f000000-3effffff : Crash kernel\n100000000-1bfffffff : System RAM\n");
        for (int i = 0; i < 2; i++)
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"sys/devices/system/cpu/cpu{i}");
            Write($"{folder}/crash_notes", string.Create(CultureInfo.InvariantCulture, $"3fc1{i}000\n"));
            Write($"{folder}/crash_notes_size", "368\n");
        }

        Write("sys/kernel/vmcoreinfo", "0x0000000003456000 1024\n");
        return this;
    }

    /// <summary>Has the machine been started by EFI.</summary>
    public PretendedHost WithEfi()
    {
        Write("sys/firmware/efi/fw_vendor", "0x3f9ec018\n");
        Write("sys/firmware/efi/config_table", "0x3f9eb018\n");
        Write("sys/firmware/efi/systab", "ACPI20=0x3fb7e014\nACPI=0x3fb7e000\nSMBIOS=0x3f918000\n");
        for (int i = 0; i < 11; i++)
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"sys/firmware/efi/runtime-map/{i}");
            Write($"{folder}/type", "0x5\n");
            Write($"{folder}/phys_addr", string.Create(CultureInfo.InvariantCulture, $"0x{0x3f000000 + (i << 16):x}\n"));
            Write($"{folder}/virt_addr", string.Create(CultureInfo.InvariantCulture, $"0x{0xfffffffeff000000 + ((ulong)i << 16):x}\n"));
            Write($"{folder}/num_pages", "0x10\n");
            Write($"{folder}/attribute", "0x800000000000000f\n");
        }

        WritePage(static page =>
        {
            EfiInfo.Writer firmware = page.EfiInfo;
            firmware.EfiSystab = new Paddr(0x3f9ec018);
            firmware.EfiSystabHi = 1;
            firmware.EfiMemdescSize = 48;
            firmware.EfiMemdescVersion = 1;
            firmware.EfiMemmap = new Paddr(0x3fb72040);
            firmware.EfiMemmapSize = 5856;
        });
        return this;
    }

    /// <summary>Writes the memory map.</summary>
    public void SetMap(params (ulong Start, ulong End, string Type)[] ranges)
    {
        if (Directory.Exists(_folder.File("sys", "firmware", "memmap")))
            Directory.Delete(_folder.File("sys", "firmware", "memmap"), recursive: true);
        for (int i = 0; i < ranges.Length; i++)
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"sys/firmware/memmap/{i}");
            Write($"{folder}/start", string.Create(CultureInfo.InvariantCulture, $"0x{ranges[i].Start:x}\n"));
            Write($"{folder}/end", string.Create(CultureInfo.InvariantCulture, $"0x{ranges[i].End - 1:x}\n"));
            Write($"{folder}/type", ranges[i].Type + "\n");
        }
    }

    /// <summary>Writes a file.</summary>
    public PretendedHost Write(string path, string text)
    {
        _folder.Write(path, text);
        return this;
    }

    /// <summary>Writes a file.</summary>
    public void Write(string path, byte[] bytes)
    {
        Write(path, "");
        File.WriteAllBytes(_folder.File(path), bytes);
    }

    /// <summary>Takes a file away.</summary>
    public PretendedHost Delete(string path)
    {
        File.Delete(_folder.File(path));
        return this;
    }

    public void Dispose() => _folder.Dispose();

    private void WritePage(BootProtocol.Domains.BootParamsEditor edit)
    {
        byte[] page = new byte[X86Page.Size];
        edit(BootParams.Edit(page));
        Write("sys/kernel/boot_params/data", page);
    }
}
