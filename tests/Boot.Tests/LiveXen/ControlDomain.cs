using System.IO.Compression;
using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>
/// Debian's Xen with a control domain, in QEMU: it boots once, carries out all steps one after the other, and switches off. What each
/// step printed comes out on a disk.
/// </summary>
internal sealed class ControlDomain
{
    private const int DiskSize = 256 << 20;
    private const string Libraries = "lib/x86_64-linux-gnu";
    private const string Loader = "ld-linux-x86-64.so.2";

    private readonly string _parts;
    private readonly CpioArchive _files = new();
    private readonly List<(string Name, string Script)> _steps = [];

    /// <summary>Makes one that has nothing to do yet.</summary>
    /// <param name="tools">Where Xen's tools and their libraries are, if not where the kernel is: a folder of tests/.cache.</param>
    public ControlDomain(string? tools = null)
    {
        NeedsAttribute.Check(Need.Xen, "a control domain");
        _parts = Path.GetDirectoryName(Fetched.Find("", "xen-dom0", "PACKAGES"))!;
        string packages = Fetched.Find("", tools ?? "xen-dom0", "PACKAGES");
        string toolParts = Path.GetDirectoryName(packages)!;
        string[] folders =
        [
            "bin", "dev", "etc", "etc/xen", "files", "lib", Libraries, "lib64", "modules", "proc", "results", "run", "steps", "sys", "tmp",
            "var", "var/lib", "var/lib/xen", "var/lib/xenstored", "var/log", "var/log/xen", "var/log/xen/console",
        ];
        foreach (string folder in folders)
            _files.AddFolder(folder);
        _files.AddLink("var/run", "/run");
        AddFolder(Path.Combine(toolParts, "bin"), "bin");
        if (tools is not null)
            AddProgram(Path.Combine(_parts, "bin", "busybox"));
        AddFolder(Path.Combine(_parts, "modules"), "modules");
        AddFolder(Path.Combine(toolParts, "lib"), Libraries);
        _files.AddLink($"lib64/{Loader}", $"/{Libraries}/{Loader}");
        _files.AddFile("init", Encoding.UTF8.GetBytes(Init.ReplaceLineEndings("\n")));
    }

    /// <summary>The machine's memory, in MiB; the control domain has 1024 of them.</summary>
    public int Memory { get; init; } = 2048;

    /// <summary>The processor: QEMU's own one, with SVM and nested page tables.</summary>
    public string Processor { get; init; } = "qemu64,+npt";

    /// <summary>How long the whole run may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(40);

    /// <summary>The hypervisor, if not Debian's: an ELF file, or one that gzip has packed.</summary>
    public string? Xen { get; init; }

    /// <summary>Adds a program to <c>/bin</c>.</summary>
    public void AddProgram(string path) => _files.AddFile($"bin/{Path.GetFileName(path)}", File.ReadAllBytes(path));

    /// <summary>Adds a file to <c>/files</c>.</summary>
    public void AddFile(string name, ReadOnlySpan<byte> contents) => _files.AddFile($"files/{name}", contents);

    /// <summary>Adds a step.</summary>
    /// <param name="name">Its name; it is one of its own.</param>
    /// <param name="script">Lines for busybox's shell.</param>
    public void AddStep(string name, string script)
    {
        Assert.DoesNotContain(name, _steps.Select(step => step.Name));
        _files.AddFile($"steps/{_steps.Count:d3}-{name}", Encoding.UTF8.GetBytes(script.ReplaceLineEndings("\n") + "\n"));
        _steps.Add((name, script));
    }

    /// <summary>Boots, and reads what the steps came to.</summary>
    public async Task<ControlDomainRun> RunAsync()
    {
        using var folder = new TemporaryFolder();
        string xen = Xen ?? Fetched.Find("kernels", "xen", "xen.gz");
        if (xen.EndsWith(".gz", StringComparison.Ordinal))
            xen = Unpack(xen, folder.File("xen"));
        await File.WriteAllBytesAsync(folder.File("initramfs"), _files.ToArray());
        using (FileStream disk = File.Create(folder.File("disk")))
            disk.SetLength(DiskSize);
        MachineRun run = await new Machine
        {
            Type = "q35",
            Processor = Processor,
            Memory = Memory,
            Kernel = xen,
            CommandLine = "com1=115200,8n1 console=com1 dom0_mem=1024M",
            Initrd = $"{Path.Combine(_parts, "vmlinuz")} console=hvc0 panic=-1 mitigations=off cryptomgr.notests quiet,{folder.File("initramfs")}",
            Arguments = ["-drive", $"if=virtio,format=raw,file={folder.File("disk")}"],
            Timeout = Timeout,
        }.RunAsync();
        return new ControlDomainRun(run, _steps, StepResults.Runs(StepResults.Read(folder.File("disk"))));
    }

    private static string Unpack(string packed, string path)
    {
        using var source = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress);
        using FileStream target = File.Create(path);
        source.CopyTo(target);
        return path;
    }

    private void AddFolder(string source, string target)
    {
        foreach (string file in Directory.GetFiles(source).Order(StringComparer.Ordinal))
            _files.AddFile($"{target}/{Path.GetFileName(file)}", File.ReadAllBytes(file));
    }

    /// <summary>The first program of the control domain. A step ends after four minutes at most.</summary>
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        mount -t tmpfs run /run
        mkdir -p /run/xen /run/xenstored /run/lock /dev/pts
        mount -t devpts devpts /dev/pts
        : > /etc/xen/xl.conf
        for module in xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xenfs virtio_blk; do
            insmod /modules/$module.ko
        done
        mount -t xenfs xenfs /proc/xen
        cd /tmp
        for step in /steps/*; do
            name=${step##*/}
            echo "step $name at $(cut -d' ' -f1 /proc/uptime) s"
            timeout 240 sh $step > /results/$name.out 2> /results/$name.err < /dev/null
            echo $? > /results/$name.code
        done
        tar -C /results -cf /dev/vda .
        sync
        poweroff -f
        """;
}
