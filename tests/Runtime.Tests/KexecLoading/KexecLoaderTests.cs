using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kexec;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>What the running kernel is passed.</summary>
public sealed class KexecLoaderTests : IDisposable
{
    private readonly PretendedHost _machine = new();
    private readonly FakeCalls _calls = new();

    private KexecLoader Loader => new(_machine.Host, _calls);

    public void Dispose()
    {
        _machine.Dispose();
        _calls.Dispose();
    }

    [Theory]
    [InlineData(KexecPurpose.Restart, 0x3e0000u)]
    [InlineData(KexecPurpose.Panic, 0x3e0001u)]
    public void Segments_are_those_of_the_plan(KexecPurpose purpose, uint flags)
    {
        _machine.WithCrashRegion();
        using KexecPlan plan = Plan(purpose);
        Loader.Load(plan);
        Assert.Equal([$"load {plan.Entry} {plan.Segments.Length} 0x{flags:x}"], _calls.Log);
        Assert.Equal(plan.Segments.Length, _calls.Segments.Count);
        foreach ((PhysicalSegment wanted, (ulong start, ulong size, byte[] bytes)) in plan.Segments.Zip(_calls.Segments))
        {
            Assert.Equal((wanted.Address.Value, wanted.MemorySize), (start, size));
            Assert.Equal(wanted.Bytes.ToArray(), bytes);
        }
    }

    [Fact]
    public void Nothing_is_loaded_where_something_is_in_the_way()
    {
        using KexecPlan plan = Plan(KexecPurpose.Restart);
        _machine.Write("proc/sys/kernel/kexec_load_disabled", "1\n");
        Assert.Throws<KexecUnavailableException>(() => Loader.Load(plan));
        Assert.Throws<KexecUnavailableException>(() => Loader.LoadFile(new byte[1], [], "", KexecPurpose.Restart));
        Assert.Throws<KexecUnavailableException>(() => Loader.Unload(KexecPurpose.Restart));
        Assert.Empty(_calls.Log);
    }

    [Fact]
    public void A_file_goes_as_it_is_with_its_ramdisks_in_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), [1, 2, 3]);
        Loader.LoadFile(folder.File("image"), [new byte[] { 4, 5, 6, 7, 8 }, new byte[] { 9 }], "a b", KexecPurpose.Restart);
        Assert.Equal(["file 'a b|' 0"], _calls.Log);
        Assert.Equal([1, 2, 3], _calls.Files.Kernel);
        Assert.Equal([4, 5, 6, 7, 8, 0, 0, 0, 9, 0, 0, 0], _calls.Files.Initrd);
    }

    [Fact]
    public void A_part_of_a_file_goes_without_a_ramdisk()
    {
        _machine.WithCrashRegion();
        Loader.LoadFile(new byte[] { 1, 2 }, [], "", KexecPurpose.Panic);
        Assert.Equal(["file '|' OnCrash, NoInitramfs"], _calls.Log);
        Assert.Equal([1, 2], _calls.Files.Kernel);
        Assert.Null(_calls.Files.Initrd);
        Assert.Throws<BootRequestException>(() => Loader.LoadFile(new byte[1], [], "a\0b", KexecPurpose.Panic));
    }

    [Fact]
    public void Dropping_is_loading_nothing()
    {
        Loader.Unload(KexecPurpose.Restart);
        _machine.WithCrashRegion();
        Loader.Unload(KexecPurpose.Panic);
        _machine.Write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        Loader.Unload(KexecPurpose.Restart);
        Assert.Equal(["load 0x0 0 0x3e0000", "load 0x0 0 0x3e0001", "file '' Unload"], _calls.Log);
    }

    [Fact]
    public void A_kernel_that_does_not_show_its_lock_drops_by_the_other_call()
    {
        using var calls = new FakeCalls(answer: 1);
        Assert.Throws<KexecException>(() => new KexecLoader(_machine.Host, calls).Unload(KexecPurpose.Restart));
        Assert.Equal(["load 0x0 0 0x3e0000", "file '' Unload"], calls.Log);
    }

    [Fact]
    public void Only_what_is_loaded_is_started()
    {
        Assert.Equal("no kernel is loaded", Assert.Throws<KexecUnavailableException>(Loader.Execute).Message);
        Assert.Empty(_calls.Log);
        _machine.Write("sys/kernel/kexec_loaded", "1\n");
        Loader.Execute();
        Assert.Equal(["execute"], _calls.Log);
    }

    /// <summary>A kernel that is switched off for loading still starts what was loaded before, but by root alone.</summary>
    [Fact]
    public void Only_root_starts_what_is_loaded()
    {
        _machine.Write("sys/kernel/kexec_loaded", "1\n").Write("proc/sys/kernel/kexec_load_disabled", "1\n").Write("proc/self/status", "CapEff:\t0\n");
        Assert.Equal(
            "kernels are started by root alone (CAP_SYS_BOOT)", Assert.Throws<KexecUnavailableException>(Loader.Execute).Message);
        Assert.Empty(_calls.Log);
        _machine.Write("proc/self/status", "CapEff:\t000001ffffffffff\n");
        Loader.Execute();
        Assert.Equal(["execute"], _calls.Log);
    }

    [Theory]
    [InlineData(1, "locked down")]
    [InlineData(12, "too little memory")]
    [InlineData(16, "another kernel is being loaded")]
    [InlineData(99, "set aside")]
    [InlineData(22, "Invalid argument")]
    public void Refusals_say_what_the_number_means(int error, string part)
    {
        using var calls = new FakeCalls(error);
        using KexecPlan plan = Plan(KexecPurpose.Restart);
        KexecException refusal = Assert.Throws<KexecException>(() => new KexecLoader(_machine.Host, calls).Load(plan));
        Assert.Equal(error, refusal.Error);
        Assert.StartsWith("cannot load the kernel: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    private KexecPlan Plan(KexecPurpose purpose)
    {
        using BootImage image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        return KexecPlan.Create(kernel, _machine.Host, new KexecOptions { Purpose = purpose, CommandLine = "x", Initrds = [new byte[100]] });
    }
}
