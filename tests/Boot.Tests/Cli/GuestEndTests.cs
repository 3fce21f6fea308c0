using BootProtocol.Output;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>A guest's end, as the tool tells it: some instructions of 32-bit code, entered by PVH, each bring another about.</summary>
public sealed class GuestEndTests
{
    private const string Died = "error: the guest died of a triple fault: rip 0x100001, rsp 0x";

    /// <summary>nop; ud2.</summary>
    internal static byte[] Undefined { get; } = [0x90, 0x0f, 0x0b];

    /// <summary>Sets the page tables to where no memory is, and turns paging on: mov eax, imm32; mov cr3, eax; mov eax, cr0; or eax; mov cr0, eax.</summary>
    internal static byte[] BadTables { get; } = [0xb8, 0, 0xf0, 0xff, 0x7f, 0x0f, 0x22, 0xd8, 0x0f, 0x20, 0xc0, 0x0d, 0, 0, 0, 0x80, 0x0f, 0x22, 0xc0, 0x90];

    /// <summary>mov dx, 0x604; mov ax, 0x2000; out dx, ax: the ACPI soft-off of a q35.</summary>
    internal static byte[] Off { get; } = [0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x20, 0x66, 0xef, 0xeb, 0xfe];

    /// <summary>mov dx, 0x505; mov al, 1; out dx, al: the event of the device pvpanic.</summary>
    private static readonly byte[] _panic = [0x66, 0xba, 0x05, 0x05, 0xb0, 0x01, 0xee, 0xeb, 0xfe];

    /// <summary>A reset by the keyboard controller; by port 0xcf9; and by a breakpoint where there are no handlers, as Linux does it.</summary>
    public static TheoryData<string, byte[]> Resets => new()
    {
        { "keyboard", [0xb0, 0xfe, 0xe6, 0x64, 0xeb, 0xfe] },
        { "0xcf9", [0x66, 0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xeb, 0xfe] },
        { "breakpoint", [0x0f, 0x01, 0x1d, 0x0a, 0x00, 0x10, 0x00, 0xcc, 0x90, 0x90, 0, 0, 0, 0, 0, 0] },
    };

    [Theory]
    [InlineData("q35")]
    [InlineData("pc")]
    [InlineData("microvm")]
    public void A_triple_fault_is_told_with_its_place(string machine)
    {
        ToolRun run = Run(Undefined, "--machine", machine);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(Died, run.Errors, StringComparison.Ordinal);
        Assert.EndsWith(", paging off\n", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_page_fault_is_told_with_its_tables()
    {
        ToolRun run = Run(BadTables);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("^error: the guest died of a triple fault: rip 0x100013, rsp 0x[0-9a-f]+, cr2 0x[0-9a-f]+, cr3 0x7ffff000\n$", run.Errors);
    }

    [Fact]
    public void Of_several_processors_the_one_at_work_is_told()
    {
        ToolRun run = Run(Undefined, "--", "-smp", "3");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(Died, run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Resets))]
    public void A_reset_is_told_and_is_no_failure(string way, byte[] code)
    {
        ToolRun run = Run(code);
        Assert.Equal((0, "note: the guest reset itself\n", way), (run.ExitCode, run.Errors, way));
    }

    [Fact]
    public void Switching_off_says_nothing()
    {
        ToolRun run = Run(Off);
        Assert.Equal((0, "", ""), (run.ExitCode, run.Errors, run.Output));
    }

    [Fact]
    public void A_reported_panic_is_a_failure()
    {
        ToolRun run = Run(_panic, "--", "-device", "pvpanic");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: the guest reported that it cannot go on: rip 0x1000", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>What a person says about logs and ends of the machine counts; then less is known.</summary>
    [Fact]
    public void Arguments_of_ones_own_count()
    {
        using var folder = new TemporaryFolder();
        ToolRun run = Run(Undefined, "--", "-d", "int", "-D", folder.File("log"));
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("note: the guest reset itself, or died of a triple fault: rip 0x100001", run.Errors, StringComparison.Ordinal);
        Assert.Contains("v=06", File.ReadAllText(folder.File("log")), StringComparison.Ordinal);

        run = Run(Undefined, "--", "-action", "shutdown=poweroff");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
    }

    /// <summary>A folder for temporary files whose name leaves no room for a socket's.</summary>
    [Fact]
    public void A_long_path_is_no_hindrance()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(new string('x', 100));
        Directory.CreateDirectory(path);
        var environment = new Dictionary<string, string> { ["TMPDIR"] = path };
        ToolRun run = ToolRun.Start(CommandTool.Program, ["run", "--sample", "--accel", "tcg", "--timeout", CommandTool.Limit], folder.Path, environment);
        Assert.Equal((33, ""), (run.ExitCode, run.Errors));
        Assert.Empty(Directory.EnumerateFileSystemEntries(path));
    }

    /// <summary>GRUB's guest says nowhere that it makes hypercalls, and faults at the first.</summary>
    [Fact]
    public void A_domain_that_crashes_is_a_failure()
    {
        string kernel = Fetched.Find("kernels", "grub-xen", "grub-x86_64-xen.bin");
        ToolRun run = CommandTool.Run(kernel, "--boot", "xen-pv");
        Assert.Equal((1, "error: the domain crashed: its last line says by which exception and where\n"), (run.ExitCode, run.Errors));
        Assert.Contains("hypervisor: the domain crashed by exception 0x", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6.12-amd64", "it is a Linux (note GUEST_OS)", ", or here with --boot linux64")]
    [InlineData("6.1-cloud-amd64", "it is a Linux (note GUEST_OS)", ", or here with --boot linux64")]
    public void A_kernel_that_needs_hypercalls_is_refused(string kernel, string reason, string way)
    {
        string path = Fetched.Find("kernels", kernel, "vmlinuz");
        ToolRun run = CommandTool.Run(path, "--boot", "xen-pv");
        string expected = $"error: {path}: kernel.xen-pv: expected one that makes no hypercalls, as no Xen runs in this machine, "
            + $"found one that needs them: {reason}; start it on a Xen with 'bootproto xen start'{way}\n";
        Assert.Equal((1, expected, ""), (run.ExitCode, run.Errors, run.Output));
    }

    /// <summary>Writes a guest of a few instructions, at 1 MiB.</summary>
    internal static string Write(string file, byte[] code)
    {
        var address = new Paddr(0x100000);
        using FileStream stream = File.Create(file);
        PvhElf.Write(stream, address, [new PhysicalSegment(address, code)]);
        return file;
    }

    private static ToolRun Run(byte[] code, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        return CommandTool.Run([Write(folder.File("guest"), code), "--boot", "pvh", .. arguments]);
    }
}
