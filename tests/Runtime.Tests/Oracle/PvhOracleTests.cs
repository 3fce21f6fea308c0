using System.Collections.Immutable;
using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Oracle;

/// <summary>PVH guests as Xen's own domain builder lays them out, byte for byte, and as our raw output writes them.</summary>
[Needs(Need.Kernels)]
public sealed class PvhOracleTests
{
    private const string CommandLine = "console=hvc0 root=/dev/xvda1 \"quoted text\"";

    public static TheoryData<string> Kernels =>
        ["6.1-cloud-amd64", "6.12-amd64", "6.1-686-pae", "grub-i386-xen_pvh", "sample-32", "sample-64"];

    /// <summary>Guests that tests can do without.</summary>
    public static TheoryData<string> Others =>
    [
        .. new[] { "sid-amd64", "sid-cloud-amd64", "grub-xen-sid" }.Where(name => !Fetched.IsNewer(name)),
        "trixie-rt-amd64", "xen-shim-4.17", "xen-shim-4.20",
    ];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Raw_output_is_what_libxenguest_lays_out(string name) => Compare(name, 96, 3072);

    [Theory]
    [MemberData(nameof(Others))]
    public void Raw_output_of_other_guests_is_what_libxenguest_lays_out(string name) => Compare(name, 256, 3072);

    private static void Compare(string name, params int[] memories)
    {
        using var folder = new TemporaryFolder();
        string kernel = PathOf(name, folder);
        string initrd = Random(folder, "initrd", 2_999_999);
        int compared = 0;
        foreach (int memory in memories)
        {
            // With and without an initial ramdisk in turn, which another kernel begins the other way round.
            string? ramdisk = (compared + name.Length) % 2 == 0 ? null : initrd;
            var theirs = OracleRun.Start("pvh", kernel, ramdisk, CommandLine, memory);
            byte[] ours = Build(folder, kernel, ramdisk, memory);
            AssertSame(theirs.Memory, ours);
            compared++;
        }

        Console.WriteLine($"pvh {name}: {compared} combinations of initrd and memory are byte for byte those of libxenguest");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1234567")]
    [InlineData("12345678")]
    public void Command_lines_of_any_length_take_as_much_room_as_there(string commandLine)
    {
        using var folder = new TemporaryFolder();
        string kernel = PathOf("grub-i386-xen_pvh", folder);
        var theirs = OracleRun.Start("pvh", kernel, null, commandLine, 96);
        AssertSame(theirs.Memory, Build(folder, kernel, null, 96, commandLine));
    }

    [Theory]
    [InlineData("6.12-amd64")]
    [InlineData("grub-i386-xen_pvh")]
    public void Two_modules_of_which_one_has_a_command_line(string name)
    {
        using var folder = new TemporaryFolder();
        string kernel = PathOf(name, folder);
        string initrd = Random(folder, "initrd", 4096);
        string module = Random(folder, "module", 5001);
        var theirs = OracleRun.Start("pvh", kernel, initrd, CommandLine, 256, module, "second module");
        AssertSame(theirs.Memory, Build(folder, kernel, initrd, 256, module: new PvhModule(File.ReadAllBytes(module), "second module")));
    }

    [Fact]
    public void Description_tells_regions_and_registers()
    {
        using var folder = new TemporaryFolder();
        string kernel = PathOf("6.12-amd64", folder);
        var theirs = OracleRun.Start("pvh", kernel, Random(folder, "initrd", 4097), CommandLine, 256);
        Build(folder, kernel, folder.File("initrd"), 256);

        using var document = JsonDocument.Parse(File.ReadAllBytes(folder.File("out.json")));
        JsonElement root = document.RootElement;
        Assert.Equal("pvh", root.GetProperty("boot").GetString());
        Assert.Equal(theirs.Number("start_info ", "pfn_alloc_end"), root.GetProperty("raw").GetProperty("frames").GetUInt64());
        ulong startInfo = theirs.Number("start_info_seg", "pfn") << 12;
        Assert.Equal($"0x{startInfo:x}", root.GetProperty("cpu").GetProperty("ebx").GetString());
        Assert.Equal("0x1000a30", root.GetProperty("cpu").GetProperty("eip").GetString());
        string[] names = [.. root.GetProperty("regions").EnumerateArray().Select(region => region.GetProperty("name").GetString()!)];
        Assert.Equal(["kernel", "hvm_start_info", "command line", "module list", "module command lines", "memory map", "initrd"], names);
        Assert.Equal(["initrd", "out", "out.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    private static byte[] Build(
        TemporaryFolder folder, string kernelPath, string? initrd, int memory, string commandLine = CommandLine, PvhModule? module = null)
    {
        using var image = BootImage.Open(kernelPath);
        using Kernel kernel = image.Decompress();
        using PvhDomain domain = new PvhBuilder
        {
            MemorySize = (ulong)memory << 20,
            CommandLine = commandLine,
            Initrds = initrd is null ? [] : [File.ReadAllBytes(initrd)],
            Modules = module is null ? [] : [module],
        }.Build(kernel);
        RawOutput.Write(domain, folder.File("out"));
        return File.ReadAllBytes(folder.File("out"));
    }

    private static void AssertSame(byte[] theirs, byte[] ours)
    {
        int at = theirs.AsSpan().CommonPrefixLength(ours);
        bool isSame = at == theirs.Length && at == ours.Length;
        Assert.True(isSame, $"The first difference is at 0x{at:x} of 0x{theirs.Length:x}, 0x{ours.Length:x}.");
    }

    private static string PathOf(string name, TemporaryFolder folder)
    {
        if (name == "grub-xen-sid")
            return DebianKernels.Find(name, "grub-i386-xen_pvh.bin");
        if (name.StartsWith("xen-shim", StringComparison.Ordinal))
            return DebianKernels.Find(name, "xen-shim");
        if (name.StartsWith("grub-", StringComparison.Ordinal))
            return DebianKernels.Find("grub-xen", name + ".bin");
        if (!name.StartsWith("sample-", StringComparison.Ordinal))
            return DebianKernels.Find(name, "vmlinuz");
        string path = folder.File("sample");
        File.WriteAllBytes(path, SampleGuest.Create(name == "sample-32" ? WordSize.Bits32 : WordSize.Bits64));
        return path;
    }

    private static string Random(TemporaryFolder folder, string name, int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(folder.File(name), bytes);
        return folder.File(name);
    }
}
