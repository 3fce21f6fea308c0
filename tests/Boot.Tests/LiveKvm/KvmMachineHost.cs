using System.Text;
using BootProtocol.Boot.Tests.LiveXen;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKvm;

/// <summary>
/// A Linux in QEMU, which emulates a processor with SVM, so that it has a KVM of its own. It boots once, carries out all steps one after the
/// other, and switches off. What each step printed, and files that it has left in /results, come out on a disk.
/// </summary>
internal sealed class KvmMachineHost
{
    private const int DiskSize = 64 << 20;
    private const string Libraries = "lib/x86_64-linux-gnu";
    private const string Loader = "ld-linux-x86-64.so.2";
    private static readonly string[] _modules = ["irqbypass", "kvm", "ccp", "kvm-amd", "virtio_blk"];

    private readonly CpioArchive _files = new();
    private readonly List<(string Name, string Script)> _steps = [];
    private readonly string _kernel = Fetched.Find("kernels", "kvm-host", "vmlinuz");

    public KvmMachineHost()
    {
        foreach (string folder in (string[])["bin", "dev", "etc", "files", "lib", Libraries, "lib64", "modules", "proc", "results", "steps", "sys", "tmp"])
            _files.AddFolder(folder);
        foreach (string module in _modules)
            _files.AddFile($"modules/{module}.ko", File.ReadAllBytes(Fetched.Find("kernels", "kvm-host", $"{module}.ko")));
        foreach (string library in (string[])["libc.so.6", "libm.so.6", Loader])
            _files.AddFile($"{Libraries}/{library}", File.ReadAllBytes(Fetched.Find("", "xen-dom0", Path.Combine("lib", library))));
        _files.AddLink($"lib64/{Loader}", $"/{Libraries}/{Loader}");
        _files.AddFile("etc/passwd", "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"u8);
        AddProgram("/bin/busybox");
        AddProgram("/usr/bin/script");
        _files.AddFile("init", Encoding.UTF8.GetBytes(Init.ReplaceLineEndings("\n")));
    }

    /// <summary>Adds a program to <c>/bin</c>.</summary>
    public void AddProgram(string path) => _files.AddFile($"bin/{Path.GetFileName(path)}", File.ReadAllBytes(path));

    /// <summary>Adds a file to <c>/files</c>.</summary>
    public void AddFile(string name, ReadOnlySpan<byte> contents) => _files.AddFile($"files/{name}", contents);

    /// <summary>Adds a step.</summary>
    /// <param name="name">Its name; it is one of its own.</param>
    /// <param name="script">Lines for busybox's shell, which runs them in /files.</param>
    public void AddStep(string name, string script)
    {
        Assert.DoesNotContain(name, _steps.Select(step => step.Name));
        _files.AddFile($"steps/{_steps.Count:d3}-{name}", Encoding.UTF8.GetBytes(script.ReplaceLineEndings("\n") + "\n"));
        _steps.Add((name, script));
    }

    /// <summary>Boots, and reads what the steps came to.</summary>
    public async Task<(ControlDomainRun Run, Dictionary<string, byte[]> Files)> RunAsync()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("initramfs"), _files.ToArray());
        using (FileStream disk = File.Create(folder.File("disk")))
            disk.SetLength(DiskSize);
        MachineRun run = await new Machine
        {
            Type = "q35",
            Processor = "qemu64,+svm,+npt",
            Memory = 1536,
            Kernel = _kernel,
            CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check cryptomgr.notests",
            Initrd = folder.File("initramfs"),
            Arguments = ["-drive", $"if=virtio,format=raw,file={folder.File("disk")}"],
            Timeout = TimeSpan.FromMinutes(20),
        }.RunAsync();
        Dictionary<string, byte[]> files = StepResults.Read(folder.File("disk"));
        return (new ControlDomainRun(run, _steps, StepResults.Runs(files)), files);
    }

    /// <summary>The first program. A step ends after five minutes at most.</summary>
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        mount -t tmpfs tmp /tmp
        mkdir /dev/pts
        mount -t devpts devpts /dev/pts
        for module in irqbypass kvm ccp kvm-amd virtio_blk; do
            insmod /modules/$module.ko
        done
        cd /files
        for step in /steps/*; do
            name=${step##*/}
            echo "step $name at $(cut -d' ' -f1 /proc/uptime) s"
            timeout 300 sh $step > /results/$name.out 2> /results/$name.err < /dev/null
            echo $? > /results/$name.code
        done
        echo "end at $(cut -d' ' -f1 /proc/uptime) s"
        tar -C /results -cf /dev/vda .
        sync
        poweroff -f
        """;
}
