using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

[Needs(Need.Kernels)]
public sealed class DiffCommandTests
{
    [Fact]
    public void An_image_is_the_same_as_itself()
    {
        Assert.Equal("same\n", CliRun.Start("diff", DebianKernels.Pae61, DebianKernels.Pae61).Succeeded());
        using var json = JsonDocument.Parse(CliRun.Start("diff", "--json", DebianKernels.Grub32, DebianKernels.Grub32).Succeeded());
        Assert.True(json.RootElement.GetProperty("same").GetBoolean());
        Assert.Equal(0, json.RootElement.GetProperty("differences").GetArrayLength());
    }

    [Fact]
    public void One_field_is_one_difference()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a"), HeaderOnlyImage.Create());
        File.WriteAllBytes(folder.File("b"), TestImages.Sample(image => image[0x236] = 0));
        using var json = JsonDocument.Parse(CliRun.Start("diff", folder.File("a"), folder.File("b"), "--json").Succeeded());
        Assert.Equal(["a", "b", "same", "differences"], json.RootElement.EnumerateObject().Select(property => property.Name));
        JsonElement[] differences = [.. json.RootElement.GetProperty("differences").EnumerateArray()];
        JsonElement difference = differences[0];
        Assert.Equal(["part", "name", "a", "b"], difference.EnumerateObject().Select(property => property.Name));
        Assert.Equal("setup_header", difference.GetProperty("part").GetString());
        Assert.Equal("xloadflags", difference.GetProperty("name").GetString());
        Assert.StartsWith("0x3 ", difference.GetProperty("a").GetString(), StringComparison.Ordinal);
        Assert.Equal("0x0", difference.GetProperty("b").GetString());

        // An image that is its own kernel has the 64-bit entry that this flag says.
        Assert.Equal(
            ["setup_header xloadflags", "boots linux64"],
            differences.Select(static other => $"{other.GetProperty("part")} {other.GetProperty("name")}"));
        Assert.Contains("xloadflags", CliRun.Start("diff", folder.File("a"), folder.File("b")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Kernels_differ_in_every_part()
    {
        using var json = JsonDocument.Parse(CliRun.Start("diff", DebianKernels.Cloud61, DebianKernels.Amd64612, "--json").Succeeded());
        JsonElement[] differences = [.. json.RootElement.GetProperty("differences").EnumerateArray()];
        Assert.Equal(
            ["image", "setup_header", "pe", "payload", "elf", "segments", "notes", "relocations"],
            differences.Select(difference => difference.GetProperty("part").GetString()).Distinct());

        // Only the newer kernel says where it may be moved to.
        JsonElement moved = differences.Single(difference => difference.GetProperty("name").GetString() == "Xen PHYS32_RELOC");
        Assert.Equal(JsonValueKind.Null, moved.GetProperty("a").ValueKind);
        Assert.Equal(JsonValueKind.String, moved.GetProperty("b").ValueKind);
    }

    /// <summary>Code and data have no fields: an image that differs in one of their bytes is another one.</summary>
    [Fact]
    public void One_byte_of_the_contents_is_a_difference()
    {
        using var folder = new TemporaryFolder();
        byte[] kernel = File.ReadAllBytes(DebianKernels.Grub32);
        File.WriteAllBytes(folder.File("a"), kernel);
        kernel[0x2000] ^= 1;
        File.WriteAllBytes(folder.File("b"), kernel);
        Assert.Equal("payload contents", Only(folder));

        byte[] program = PeFile.Stub();
        File.WriteAllBytes(folder.File("a"), program);
        program[^1] ^= 1;
        File.WriteAllBytes(folder.File("b"), program);
        Assert.Equal("image contents", Only(folder));

        byte[] ramdisk = new byte[1000];
        File.WriteAllBytes(folder.File("a"), PeFile.Add(PeFile.Stub(), (".linux", HeaderOnlyImage.Create()), (".initrd", ramdisk)));
        ramdisk[500] = 1;
        File.WriteAllBytes(folder.File("b"), PeFile.Add(PeFile.Stub(), (".linux", HeaderOnlyImage.Create()), (".initrd", ramdisk)));
        Assert.Equal("uki .initrd", Only(folder));
    }

    [Fact]
    public void A_size_that_is_not_known_is_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("cut"), File.ReadAllBytes(DebianKernels.Amd64612)[..^1000]);
        CliRun run = CliRun.Start("diff", folder.File("cut"), DebianKernels.Amd64612);
        Assert.Contains("truncated", run.Faulty(), StringComparison.Ordinal);
        Assert.Matches("\n  payload +decompressed_size +- +[0-9]+\n", run.Output);
    }

    [Fact]
    public void Exit_code_is_as_gits()
    {
        string[] same = [DebianKernels.Grub32, DebianKernels.Grub32];
        string[] different = [DebianKernels.Grub32, DebianKernels.Grub64];
        Assert.Equal(0, CliRun.Start(["diff", "--exit-code", .. same]).ExitCode);
        CliRun run = CliRun.Start(["diff", "--exit-code", .. different]);
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.Equal(CliRun.Start(["diff", .. different]).Succeeded(), run.Output);
        Assert.Equal(1, CliRun.Start(["diff", "--exit-code", "--json", .. different]).ExitCode);
    }

    [Fact]
    public void Fields_of_pe_are_compared()
    {
        using var json = JsonDocument.Parse(CliRun.Start("diff", DebianKernels.Cloud61, DebianKernels.Amd64612, "--json").Succeeded());
        Assert.Contains(
            json.RootElement.GetProperty("differences").EnumerateArray(),
            static difference => difference.GetProperty("part").GetString() == "pe"
                && difference.GetProperty("name").GetString() == "entry_point"
                && difference.GetProperty("a").GetString()!.StartsWith("0x", StringComparison.Ordinal));

        // Where the certificates of a signed image are.
        byte[] bytes = File.ReadAllBytes(DebianKernels.Cloud61);
        int header = BitConverter.ToInt32(bytes, 60);
        const int DataDirectory = 24 + 112;
        BitConverter.TryWriteBytes(bytes.AsSpan(header + DataDirectory + (4 * 8) + 4), 1234u);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("signed"), bytes);
        CliRun run = CliRun.Start("diff", DebianKernels.Cloud61, folder.File("signed"));
        Assert.Contains("data_dirent.certs", run.Faulty(), StringComparison.Ordinal);
        Assert.Matches("\n  pe +certs.size +0 +1234\n", run.Output);
    }

    [Fact]
    public void The_broken_one_is_named()
    {
        string line = CliRun.Start("diff", DebianKernels.Grub32, Repository.File("LICENSE")).Failed(1);
        Assert.Contains("LICENSE: image: expected a kernel image", line, StringComparison.Ordinal);
        CliRun.Start("diff").Failed(2);
        CliRun.Start("diff", DebianKernels.Grub32, DebianKernels.Grub32, DebianKernels.Grub32).Failed(2);
    }

    private static string Only(TemporaryFolder folder)
    {
        CliRun run = CliRun.Start("diff", "--json", "--exit-code", folder.File("a"), folder.File("b"));
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        using var json = JsonDocument.Parse(run.Output);
        JsonElement difference = Assert.Single(json.RootElement.GetProperty("differences").EnumerateArray());
        Assert.NotEqual(difference.GetProperty("a").GetString(), difference.GetProperty("b").GetString());
        return $"{difference.GetProperty("part")} {difference.GetProperty("name")}";
    }
}
