using System.Globalization;
using System.Text.Json;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKexec;

/// <summary>Debian's kernels that take each other's place.</summary>
[Collection(KexecMachines.Name)]
public sealed class KexecTests(KexecMachines machines, ITestOutputHelper output)
{
    /// <summary>The kernel of the newest release, whichever it has.</summary>
    private const string Newest = "newest";

    private const ulong Linked = 0xffffffff81000000;

    [Theory]
    [InlineData("first", "6.12", "2")]
    [InlineData("second", "6.1", "2")]
    [InlineData("third", Newest, "2")]
    [InlineData("fourth", "6.12", "2")]
    [InlineData("panic", "6.1", "1")]
    public void Each_kernel_starts_the_next_one(string stage, string version, string processors)
    {
        GuestReport report = machines.Bios[stage];
        Assert.Matches($@"^{VersionOf(version)}\D", report["kernel"]);
        Assert.Equal(processors, report["processors"]);
        Assert.Equal("", report["efi"]);
        Assert.StartsWith("ACPI: RSDP 0x", report["root pointer"], StringComparison.Ordinal);
        if (stage != "panic")
            Assert.InRange(report.Number("memory"), 4_700_000u, 5UL << 20); // kB: more than 3 GiB of it are above 4 GiB
    }

    [Fact]
    public void The_next_kernel_has_the_new_command_line()
    {
        Assert.Equal($"{KexecMachine.Quiet} stage=first stage=second new=yes", machines.Bios["second"]["command line"]);
        Assert.Equal($"{KexecMachine.Quiet} stage=third", machines.Bios["third"]["command line"]);
    }

    [Fact]
    public void A_random_offset_is_where_the_kernel_runs()
    {
        Assert.Equal(Linked, Text(machines.Bios["second"]));
        Assert.NotEqual(Linked, Text(machines.Bios["fourth"]));
        Assert.NotEqual(Linked, Text(machines.Efi["second"]));
        Assert.Equal(0UL, Text(machines.Bios["fourth"]) % (2 << 20));
    }

    /// <summary>Under EFI, with its runtime services and page tables of five levels; the last one is a unified kernel image by itself.</summary>
    [Theory]
    [InlineData("first", "6.12")]
    [InlineData("second", Newest)]
    [InlineData("unified", "6.12")]
    public void EFI_and_five_levels_go_from_kernel_to_kernel(string stage, string version)
    {
        GuestReport report = machines.Efi[stage];
        Assert.Matches($@"^{VersionOf(version)}\D", report["kernel"]);
        Assert.Equal("/sys/firmware/efi", report["efi"]);
        Assert.Equal("5", report["levels"]);
        Assert.True(report.Number("runtime") > 0);
        Assert.Equal(machines.Efi["first"]["runtime"], report["runtime"]);
        Assert.Equal(machines.Efi["first"]["root pointer"], report["root pointer"]);
        if (stage == "unified")
            Assert.Equal(KexecMachines.UnifiedCommandLine, report["command line"]);
    }

    [Fact]
    public void Systemd_starts_what_is_loaded()
    {
        if (!File.Exists(KexecMachines.SystemdShutdown))
            Assert.Skip($"{KexecMachines.SystemdShutdown} is not on this machine: systemd is not installed");
        Assert.Contains("Rebooting with kexec.", machines.Efi.Machine.Output, StringComparison.Ordinal);
        Assert.StartsWith("6.12.", machines.Efi["unified"]["kernel"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_shows_and_loads_nothing()
    {
        ToolRun dry = machines.Bios.Step("first", "dry");
        output.WriteLine(dry.Output);
        Assert.Equal((0, ""), (dry.ExitCode, dry.Errors));
        foreach (string part in (string[])["entry code", "boot_params", "kernel runtime window", "initrd", "SETUP_RNG_SEED", "segment"])
            Assert.Contains(part, dry.Output, StringComparison.Ordinal);
        Assert.False(IsLoaded("first", "after-dry"));
        Assert.True(IsLoaded("first", "after-load"));
    }

    [Fact]
    public void The_kernel_reads_a_file_itself_and_what_is_loaded_can_be_dropped()
    {
        Assert.Equal(new ToolRun(0, "newest: loaded, as it is\n", ""), machines.Bios.Step("second", "file"));
        Assert.True(IsLoaded("second", "after-file"));
        Assert.Equal(new ToolRun(0, "", ""), machines.Bios.Step("second", "unload"));
        Assert.False(IsLoaded("second", "after-unload"));
    }

    [Theory]
    [InlineData("first", "no-rights", 3, "kernels are loaded by root alone (CAP_SYS_BOOT)")]
    [InlineData("first", "no-crash-region", 3, "no memory is set aside for a kernel that runs at a panic: boot with crashkernel=")]
    [InlineData("first", "nothing-loaded", 3, "no kernel is loaded")]
    [InlineData("fourth", "locked", 3, "the running kernel is locked down (integrity), as under Secure Boot: it takes a signed image as it is")]
    [InlineData("fourth", "locked-file", 1, "cannot load the image: Operation not permitted: ")]
    public void What_is_in_the_way_is_one_line(string stage, string step, int exitCode, string line)
    {
        ToolRun run = machines.Bios.Step(stage, step);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith($"error: {line}", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void A_locked_kernel_still_drops_and_keeps_what_is_for_a_panic()
    {
        Assert.Equal(0, machines.Bios.Step("fourth", "locked-unload").ExitCode);
        using JsonDocument status = Status("fourth", "after-lock");
        Assert.True(status.RootElement.GetProperty("panic_loaded").GetBoolean());
        Assert.Contains("locked down", status.RootElement.GetProperty("obstacle").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Against binutils, which read the head of what the kernel after the panic has for /proc/vmcore.</summary>
    [Fact]
    public void After_a_panic_the_memory_of_the_kernel_before_is_there()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("core"), Convert.FromBase64String(machines.Bios.Step("panic", "core").Output.Trim()));
        string segments = ToolRun.Start("readelf", ["-lW", "core"], folder.Path).Output;
        output.WriteLine(segments);
        Assert.Contains("Elf file type is CORE (Core file)", segments, StringComparison.Ordinal);
        (ulong Virtual, ulong Physical, ulong Size)[] loads =
        [
            .. segments.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static words => words is ["LOAD", ..])
                .Select(static words => (Number(words[2]), Number(words[3]), Number(words[5]))),
        ];
        Assert.Equal(Text(machines.Bios["fourth"]), loads[0].Virtual);

        // All that was RAM, but for the first MiB and what was set aside.
        string[] lines = machines.Bios.Step("fourth", "memory").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (ulong Start, ulong End, bool IsRam)[] ranges =
            [.. lines.Select(static line => (Bound(line, 0), Bound(line, 1) + 1, line.EndsWith("RAM", StringComparison.Ordinal)))];
        (ulong start, ulong end, _) = Assert.Single(ranges, static range => !range.IsRam);
        ulong ram = ranges.Where(static range => range.IsRam && range.Start >= 1 << 20).Aggregate(0UL, static (sum, range) => sum + range.End - range.Start);
        Assert.Equal(ram - (end - start), loads[1..].Aggregate(0UL, static (sum, load) => sum + load.Size));
        Assert.Contains(loads[1..], static load => load.Physical == 4UL << 30);
        Assert.All(loads[1..], load => Assert.False(load.Physical < end && load.Physical + load.Size > start));
        Assert.Single(loads[1..].Select(static load => load.Virtual - load.Physical).Distinct());
        Assert.True(ulong.Parse(machines.Bios.Step("panic", "size").Output, CultureInfo.InvariantCulture) > ram - (end - start));

        string notes = ToolRun.Start("readelf", ["-nW", "core"], folder.Path).Output;
        Assert.Contains("VMCOREINFO", notes, StringComparison.Ordinal);
        Assert.Equal(2, notes.Split("NT_PRSTATUS").Length - 1); // one for each processor
    }

    private static string VersionOf(string kernel) => kernel == Newest
        ? Fetched.VersionOf(File.ReadAllText(Fetched.Find("kernels", "sid-cloud-amd64", "PACKAGE")).Trim()).ToString(2)
        : kernel;

    private static ulong Text(GuestReport report) =>
        ulong.Parse(report["symbol"].Split(' ')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static ulong Number(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static ulong Bound(string line, int index) =>
        ulong.Parse(line.Trim().Split(' ')[0].Split('-')[index], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private bool IsLoaded(string stage, string step)
    {
        using JsonDocument status = Status(stage, step);
        return status.RootElement.GetProperty("loaded").GetBoolean();
    }

    private JsonDocument Status(string stage, string step) => JsonDocument.Parse(machines.Bios.Step(stage, step).Output);
}
