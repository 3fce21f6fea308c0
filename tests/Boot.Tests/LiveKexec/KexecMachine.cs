using System.Text;
using BootProtocol.Boot.Tests.LiveXen;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKexec;

/// <summary>
/// A machine whose Linux starts another one in its place, which starts another one, and so on. Each has the same files, packed anew by the one
/// before it, and carries out the script that <c>stage=</c> on its command line names; the last one switches the machine off.
/// </summary>
internal sealed class KexecMachine
{
    private const string Libraries = "lib/x86_64-linux-gnu";
    private const string Loader = "ld-linux-x86-64.so.2";

    /// <summary>What every kernel gets on its command line.</summary>
    public const string Quiet = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests";

    /// <summary>
    /// The first program. It reports, and has the stage's script carried out, whose steps it shows as they end; pack makes the next one's initial
    /// ramdisk.
    /// </summary>
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        mount -t tmpfs tmp /tmp
        mount -t securityfs security /sys/kernel/security
        dmesg -n 1
        stage=none
        for word in $(cat /proc/cmdline); do
            case $word in stage=*) stage=${word#stage=} ;; esac
        done
        echo
        echo "stage: $stage"
        echo "kernel: $(uname -r)"
        echo "command line: $(cat /proc/cmdline)"
        echo "processors: $(nproc)"
        echo "memory: $(sed -n 's/MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)"
        echo "symbol: $(grep -m 1 ' _text$' /proc/kallsyms)"
        echo "efi: $(ls -d /sys/firmware/efi 2> /dev/null)"
        echo "runtime: $(ls -d /sys/firmware/efi/runtime-map/* 2> /dev/null | wc -l)"
        echo "root pointer: $(dmesg | grep -o 'ACPI: RSDP 0x[0-9A-F]*')"
        echo "levels: $(grep -q -m 1 la57 /proc/cpuinfo && echo 5 || echo 4)"
        cd /files
        pack() {
            (cd / && find . -xdev ! -path './tmp/*' | cpio -o -H newc 2> /dev/null) > /tmp/initrd
        }
        step() {
            name=$1
            shift
            echo "step: $name"
            sh -c "$*" > /tmp/out 2> /tmp/err < /dev/null
            code=$?
            sed 's/^/out: /' /tmp/out
            sed 's/^/err: /' /tmp/err
            [ -z "$(tail -c 1 /tmp/err)" ] || echo
            echo "code: $code"
        }
        . /stages/$stage
        echo "end of stage: $stage"
        poweroff -f
        """;

    private static readonly string[] _toolLibraries =
    [
        "libxenctrl.so.4.17", "libxentoollog.so.1", "libxencall.so.1", "libxenevtchn.so.1", "libxengnttab.so.1", "libxenforeignmemory.so.1",
        "libxendevicemodel.so.1", "libxentoolcore.so.1",
    ];

    private readonly CpioArchive _files = new();

    public KexecMachine()
    {
        foreach (string folder in (string[])["bin", "dev", "etc", "files", "lib", Libraries, "lib64", "proc", "stages", "sys", "tmp"])
            _files.AddFolder(folder);
        foreach (string library in (string[])["libc.so.6", "libm.so.6", Loader])
            _files.AddFile($"{Libraries}/{library}", File.ReadAllBytes(Fetched.Find("", "xen-dom0", Path.Combine("lib", library))));
        _files.AddLink($"lib64/{Loader}", $"/{Libraries}/{Loader}");
        _files.AddFile("etc/passwd", "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"u8);
        _files.AddFile("bin/busybox", File.ReadAllBytes("/bin/busybox"));
        _files.AddFile("bin/bootproto", File.ReadAllBytes(NativeTool.Bootproto));
        _files.AddFile("init", Encoding.UTF8.GetBytes(Init.ReplaceLineEndings("\n")));
    }

    /// <summary>Adds a file to <c>/files</c>, where scripts are.</summary>
    public void AddFile(string name, ReadOnlySpan<byte> contents) => _files.AddFile($"files/{name}", contents);

    /// <summary>Adds a program of this machine to <c>/bin</c>, with the libraries that it is linked with.</summary>
    public void AddProgram(string path)
    {
        _files.AddFile($"bin/{Path.GetFileName(path)}", File.ReadAllBytes(path));
        string[] present = ["libc.so.6", "libm.so.6"];
        foreach (string line in ToolRun.Start("ldd", [path], "/").Succeeded().Split('\n').Where(static line => line.Contains("=> /", StringComparison.Ordinal)))
        {
            string library = line.Trim().Split(' ')[2];
            if (!present.Contains(Path.GetFileName(library)))
                _files.AddFile($"{Libraries}/{Path.GetFileName(library)}", File.ReadAllBytes(library));
        }
    }

    /// <summary>Adds kexec-tools' <c>kexec</c>, with the libraries that it is linked with.</summary>
    public void AddTool()
    {
        _files.AddFile("bin/kexec", File.ReadAllBytes(Fetched.Find("kernels", "kexec-tools", "kexec")));
        foreach (string library in _toolLibraries)
            _files.AddFile($"{Libraries}/{library}", File.ReadAllBytes(Fetched.Find("", "xen-dom0", Path.Combine("lib", library))));
    }

    /// <summary>Adds a stage.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="script">Lines for busybox's shell; <c>step NAME COMMAND</c> keeps what a command prints.</param>
    public void AddStage(string name, string script) =>
        _files.AddFile($"stages/{name}", Encoding.UTF8.GetBytes(script.ReplaceLineEndings("\n") + "\n"));

    /// <summary>All of it as an initial ramdisk; nothing can be added after that.</summary>
    public byte[] ToArchive() => _files.ToArray();

    /// <summary>Boots the first kernel, and reads what all of them say.</summary>
    /// <param name="kernel">The first one's image.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="processors">How many.</param>
    /// <param name="memory">Memory in MiB.</param>
    /// <param name="arguments">More for QEMU.</param>
    public async Task<KexecRun> RunAsync(string kernel, string processor, int processors, int memory, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("initramfs"), ToArchive());
        MachineRun run = await new Machine
        {
            Type = "q35",
            Processor = processor,
            Memory = memory,
            Kernel = kernel,
            CommandLine = $"{Quiet} stage=first",
            Initrd = folder.File("initramfs"),
            Arguments = ["-smp", $"{processors}", .. arguments],
            Timeout = TimeSpan.FromMinutes(20),
        }.RunAsync();
        return new KexecRun(run);
    }
}
