using System.Text;
using System.Text.Json;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Pe;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>PCR 11, against systemd-measure of systemd 257.</summary>
[Needs(Need.Kernels)]
public sealed class UnifiedKernelMeasurementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Kernels => new()
    {
        { "6.12-amd64", ".linux .cmdline .initrd" },
        { "sid-amd64", ".osrel .uname .sbat .linux .initrd .cmdline .ucode" },
        { "6.1-cloud-amd64", ".hwids .dtbauto .pcrpkey .splash .dtb .linux .osrel .initrd" },
        { "bookworm-signed-amd64", ".linux" },
    };

    public void Dispose() => _folder.Dispose();

    /// <summary>The order of the file does not matter.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Registers_are_those_of_systemd_measure(string name, string parts)
    {
        (string Name, byte[] Bytes)[] sections = [.. parts.Split(' ').Select(part => (part, Contents(part, name)))];
        using var image = BootImage.Open(PeFile.Add(PeFile.Stub(), sections));
        Compare(image.UnifiedKernel!.Profiles[0], sections);
    }

    /// <summary>Each profile has its own, with common parts where it has none.</summary>
    [Fact]
    public void Profiles_have_each_its_own()
    {
        byte[] linux = Contents(".linux", "6.1-cloud-amd64");
        (string Name, byte[] Bytes)[] common = [(".linux", linux), (".cmdline", "quiet"u8.ToArray()), (".osrel", "ID=x\n"u8.ToArray())];
        (string Name, byte[] Bytes)[] rescue = [(".profile", "ID=rescue\n"u8.ToArray()), (".cmdline", "single"u8.ToArray())];
        using var image = BootImage.Open(PeFile.Add(PeFile.Stub(), [.. common, (".profile", "ID=main\n"u8.ToArray()), .. rescue]));
        var profiles = image.UnifiedKernel!.Profiles;
        Compare(profiles[0], [.. common, (".profile", "ID=main\n"u8.ToArray())]);
        Compare(profiles[1], [common[0], common[2], .. rescue]);
    }

    /// <summary>
    /// The stub measures what a section has in memory: behind what is stored, zeros, as for a kernel that ukify 257 gave the size of its image in
    /// memory; and nothing where the header says 0.
    /// </summary>
    [Fact]
    public void What_is_longer_in_memory_is_measured_with_its_zeros()
    {
        const int More = 70_001;
        (string Name, byte[] Bytes)[] sections =
        [
            (".linux", Contents(".linux", "6.1-cloud-amd64")), (".cmdline", "quiet"u8.ToArray()), (".osrel", "ID=x\n"u8.ToArray()), (".uname", []),
        ];
        byte[] file = PeFile.Add(PeFile.Stub(), sections);
        int linux = PeFile.HeaderOf(file, ".linux");
        int stored = (int)SectionHeader.Parse(file.AsSpan(linux)).RawDataSize;
        SectionHeader.Edit(file.AsSpan(linux)).VirtualSize = (uint)(stored + More);
        SectionHeader.Edit(file.AsSpan(PeFile.HeaderOf(file, ".osrel"))).VirtualSize = 0;
        SectionHeader.Edit(file.AsSpan(PeFile.HeaderOf(file, ".uname"))).VirtualSize = 3;
        using var image = BootImage.Open(file);
        byte[] longer = [.. sections[0].Bytes, .. new byte[stored - sections[0].Bytes.Length + More]];
        Compare(image.UnifiedKernel!.Profiles[0], [(".linux", longer), sections[1], (".uname", new byte[3])]);
    }

    /// <summary>Zeros cost a file nothing: how many are measured has a limit.</summary>
    [Fact]
    public void Zeros_have_a_limit()
    {
        byte[] file = PeFile.Add(PeFile.Stub(), (".linux", Contents(".linux", "6.1-cloud-amd64")), (".cmdline", "a"u8.ToArray()), (".osrel", "b"u8.ToArray()));
        foreach (string name in (string[])[".cmdline", ".osrel"])
            SectionHeader.Edit(file.AsSpan(PeFile.HeaderOf(file, name))).VirtualSize = 0x1800_0000;
        using var image = BootImage.Open(file);
        BootFormatException fault = Assert.Throws<BootFormatException>(
            () => UnifiedKernelMeasurement.Pcr11(image.UnifiedKernel!.Profiles[0], HashFunction.Sha256));
        Assert.Equal((BootErrorCode.TooLarge, "section .osrel"), (fault.Code, fault.Structure));
    }

    /// <summary>A small file has few: the work grows with the file.</summary>
    [Fact]
    public void Small_files_have_few_zeros()
    {
        byte[] file = PeFile.Add(PeFile.Stub(), (".linux", "MZ"u8.ToArray()), (".cmdline", "a"u8.ToArray()));
        SectionHeader.Edit(file.AsSpan(PeFile.HeaderOf(file, ".cmdline"))).VirtualSize = 64 << 20;
        using var image = BootImage.Open(file);
        BootFormatException fault = Assert.Throws<BootFormatException>(
            () => UnifiedKernelMeasurement.Pcr11(image.UnifiedKernel!.Profiles[0], HashFunction.Sha256));
        Assert.Equal($"{32L * file.Length}", fault.Error.Expected.Split(' ')[2]);
    }

    /// <summary>Each profile is measured by itself: an image has no more than some, and common sections are hashed once.</summary>
    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Profiles_have_a_limit(int count, bool isRead)
    {
        (string, byte[])[] profiles = [.. Enumerable.Range(0, count).Select(static number => (".profile", Encoding.UTF8.GetBytes($"ID=p{number}\n")))];
        using var image = BootImage.Open(PeFile.Add(PeFile.Stub(), [(".linux", Contents(".linux", "6.1-cloud-amd64")), .. profiles]));
        if (!isRead)
        {
            Assert.Equal(BootErrorCode.TooLarge, Assert.Throws<BootFormatException>(() => image.UnifiedKernel).Code);
            return;
        }

        var read = image.UnifiedKernel!.Profiles;
        Assert.Equal(count, read.Length);
        Assert.Same(read[0].Find(".linux")!.Hash(HashFunction.Sha256), read[^1].Find(".linux")!.Hash(HashFunction.Sha256));
    }

    private void Compare(UnifiedKernelProfile profile, (string Name, byte[] Bytes)[] sections)
    {
        var arguments = new List<string> { "calculate", "--json=short" };
        foreach ((string name, byte[] bytes) in sections)
        {
            File.WriteAllBytes(_folder.File(name), bytes);
            arguments.Add($"--{OptionOf(name)}={_folder.File(name)}");
        }

        foreach (HashFunction function in Enum.GetValues<HashFunction>())
        {
            string bank = HashFunctions.Name(function);
            var values = UnifiedKernelMeasurement.Pcr11(profile, function);
            string[] theirs = Measure([.. arguments, $"--bank={bank}"], bank);
            Assert.Equal(theirs, values.Select(Convert.ToHexStringLower));
            IEnumerable<byte[]> each = UnifiedKernelMeasurement.Phases.Select(phase => UnifiedKernelMeasurement.Pcr11(profile, function, phase));
            Assert.Equal(theirs, each.Select(Convert.ToHexStringLower));
        }

        string[] own = Measure([.. arguments, "--bank=sha256", "--phase=one:two"], "sha256");
        Assert.Equal(Assert.Single(own), Convert.ToHexStringLower(UnifiedKernelMeasurement.Pcr11(profile, HashFunction.Sha256, "one:two")));
    }

    /// <summary>Systemd 257's program has these two options exchanged: each measures its file under the other one's name.</summary>
    private static string OptionOf(string part) => part switch
    {
        ".hwids" => "dtbauto",
        ".dtbauto" => "hwids",
        _ => part[1..],
    };

    private string[] Measure(string[] arguments, string bank)
    {
        string program = DebianKernels.Find("systemd-measure", "systemd-measure");
        string libraries = Path.Combine(Path.GetDirectoryName(program)!, "lib");
        string output = ToolRun.Start(
            Path.Combine(libraries, "ld-linux-x86-64.so.2"), ["--library-path", libraries, program, .. arguments], _folder.Path).Succeeded();
        using var json = JsonDocument.Parse(output);
        return [.. json.RootElement.GetProperty(bank).EnumerateArray().Select(static value => value.GetProperty("hash").GetString()!)];
    }

    private static byte[] Contents(string part, string kernel) => part switch
    {
        ".linux" => File.ReadAllBytes(DebianKernels.Find(kernel, "vmlinuz")),
        ".initrd" => [.. Enumerable.Range(0, 70_001).Select(static number => (byte)(number * 7))],
        _ => Encoding.UTF8.GetBytes($"contents of {part} beside {kernel}\n"),
    };
}
