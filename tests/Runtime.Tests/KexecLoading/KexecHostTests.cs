using BootProtocol.Kexec;
using BootProtocol.LinuxX86;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>What a running system says of itself, and what keeps it from loading a kernel.</summary>
public sealed class KexecHostTests : IDisposable
{
    private readonly PretendedHost _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>The first page is what the running kernel does not use, whatever the firmware says.</summary>
    [Fact]
    public void The_map_is_the_firmwares_without_what_the_kernel_keeps() => Assert.Equal(
        ["0x0-0x1000 RESERVED", "0x1000-0x9fc00 RAM", "0x9fc00-0xa0000 RESERVED", "0x100000-0x3ffdf000 RAM", "0x3ffdf000-0x40000000 ACPI"],
        _machine.Host.Map.Ranges.Select(static range => range.ToString()));

    [Fact]
    public void What_the_kernel_found_to_be_the_firmwares_is_no_RAM()
    {
        _machine.Write(
            "proc/iomem",
            "00001000-0009fbff : System RAM\n00100000-1fffffff : System RAM\n20000000-20003fff : Reserved\n20004000-3ffdefff : System RAM\n");
        Assert.False(_machine.Host.Map.IsRam(new Paddr(0x20003000), 1));
        Assert.True(_machine.Host.Map.IsRam(new Paddr(0x20004000), 0x1000));
        Assert.True(_machine.Host.Map.IsRam(new Paddr(0x1ffff000), 0x1000));
    }

    [Theory]
    [InlineData("System RAM", E820Type.Ram)]
    [InlineData("Reserved", E820Type.Reserved)]
    [InlineData("ACPI Tables", E820Type.Acpi)]
    [InlineData("ACPI Non-volatile Storage", E820Type.Nvs)]
    [InlineData("Unusable memory", E820Type.Unusable)]
    [InlineData("Persistent Memory", E820Type.Pmem)]
    [InlineData("Persistent Memory (legacy)", E820Type.Pram)]
    [InlineData("Soft Reserved", E820Type.SoftReserved)]
    [InlineData("Unknown E820 type", E820Type.Reserved)]
    public void Types_have_their_numbers(string name, E820Type type)
    {
        _machine.SetMap((0x100000, 0x200000, name), (0x200000, 0x300000, "System RAM"));
        Assert.Equal(type, _machine.Host.Map.Ranges[0].Type);
    }

    [Fact]
    public void Ten_comes_behind_nine()
    {
        _machine.SetMap([.. Enumerable.Range(0, 12).Select(static i => ((ulong)i << 20, ((ulong)i + 1) << 20, "System RAM"))]);
        Assert.Equal(12 << 20, (int)_machine.Host.Map.Ranges[^1].End.Value);
    }

    [Fact]
    public void Command_lines_lose_what_was_about_their_own_start()
    {
        KexecHost host = _machine.Host;
        Assert.Equal("root=/dev/vda1 crashkernel=256M \"dyndbg=file a.c +p\" quiet", host.ReusableCommandLine(KexecPurpose.Restart));
        Assert.Equal("root=/dev/vda1 \"dyndbg=file a.c +p\" quiet", host.ReusableCommandLine(KexecPurpose.Panic));
    }

    /// <summary>Whatever white space is between two words, only the one that is named goes.</summary>
    [Fact]
    public void Tabs_divide_words_of_a_command_line_too()
    {
        _machine.Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz\troot=/dev/vda1\t\"a=b\tc\"  quiet\n");
        Assert.Equal("root=/dev/vda1 \"a=b\tc\" quiet", _machine.Host.ReusableCommandLine(KexecPurpose.Restart));
    }

    [Fact]
    public void The_root_pointer_is_EFIs_or_the_zero_pages()
    {
        Assert.Equal(0ul, _machine.Host.AcpiRsdp.Value);
        _machine.WithEfi();
        Assert.Equal(0x3fb7e014ul, _machine.Host.AcpiRsdp.Value);
        Assert.True(_machine.Host.HasEfi);
    }

    [Theory]
    [InlineData("sys/kernel/security/lockdown", "none [integrity] confidentiality\n", "the running kernel is locked down (integrity), as under Secure Boot")]
    [InlineData("sys/kernel/security/lockdown", "none integrity [confidentiality]\n", "the running kernel is locked down (confidentiality)")]
    [InlineData("proc/self/status", "CapEff:\t000001ffffbfffff\n", "kernels are loaded by root alone (CAP_SYS_BOOT)")]
    [InlineData("proc/sys/kernel/kexec_load_disabled", "1\n", "loading kernels is switched off until the next boot")]
    [InlineData("proc/sys/kernel/kexec_load_limit_reboot", "0\n", "no more kernels may be loaded until the next boot")]
    [InlineData("sys/hypervisor/guest_type", "PV\n", "the running kernel is a paravirtualised guest of Xen")]
    public void Obstacles_are_named(string file, string text, string line)
    {
        _machine.Host.Check(KexecPurpose.Restart);
        _machine.Write(file, text);
        string message = Assert.Throws<KexecUnavailableException>(() => _machine.Host.Check(KexecPurpose.Restart)).Message;
        Assert.StartsWith(line, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")]
    [InlineData("proc/sys/kernel/kexec_load_limit_reboot", "-1\n")]
    [InlineData("proc/sys/kernel/kexec_load_limit_panic", "0\n")]
    public void What_is_none_is_none(string file, string text) => _machine.Write(file, text).Host.Check(KexecPurpose.Restart);

    [Fact]
    public void A_locked_kernel_takes_files()
    {
        _machine.Write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        _machine.Host.Check(KexecPurpose.Restart, isFile: true);
    }

    [Fact]
    public void A_kernel_without_kexec_says_so() =>
        Assert.Equal(
            "the running kernel has no kexec",
            Assert.Throws<KexecUnavailableException>(() => _machine.Delete("sys/kernel/kexec_loaded").Host.Check(KexecPurpose.Restart)).Message);

    [Fact]
    public void Without_memory_set_aside_there_is_no_kernel_for_panics()
    {
        string message = Assert.Throws<KexecUnavailableException>(() => _machine.Host.Check(KexecPurpose.Panic)).Message;
        Assert.StartsWith("no memory is set aside for a kernel that runs at a panic: boot with crashkernel=", message, StringComparison.Ordinal);
        _machine.WithCrashRegion().Host.Check(KexecPurpose.Panic);
        Assert.Equal((0x2f000000ul, 0x10000000ul), (_machine.Host.CrashRegion!.Value.Start.Value, _machine.Host.CrashRegion.Value.Length));
    }

    [Theory]
    [InlineData("sys/firmware/memmap/1/start", "nonsense", "/sys/firmware/memmap/1/start: expected a number, found 'nonsense'")]
    [InlineData("proc/iomem", "0-zz : System RAM", "/proc/iomem: expected ranges, START-END : NAME, found '0-zz : System RAM'")]
    public void Nonsense_in_files_is_named(string file, string text, string line) =>
        Assert.Equal(line, Assert.Throws<KexecUnavailableException>(() => _machine.Write(file, text).Host.Map).Message);

    [Fact]
    public void What_cannot_be_read_is_named()
    {
        _machine.Delete("proc/meminfo");
        string message = Assert.Throws<KexecUnavailableException>(() => _machine.Host.ManagedMemory).Message;
        Assert.StartsWith("/proc/meminfo cannot be read: ", message, StringComparison.Ordinal);
    }
}
