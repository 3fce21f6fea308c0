using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>The raw output as files; that their contents are right is for the comparison with libxenguest.</summary>
public sealed class RawOutputTests
{
    [Fact]
    public void What_nobody_claimed_takes_no_room()
    {
        using var folder = new TemporaryFolder();
        using PvhDomain domain = Build(new Paddr(0x3000000));
        string path = folder.File("out");
        RawOutput.Write(domain, path);
        Assert.InRange(new FileInfo(path).Length, 0x3000000, 0x4000000);
        string blocks = ToolRun.Start("stat", ["-c", "%b", path], folder.Path).Succeeded();
        Assert.InRange(long.Parse(blocks, CultureInfo.InvariantCulture) * 512, 1, 0x1000000);
    }

    [Fact]
    public void Files_that_are_there_are_replaced()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out", new string('x', 100_000_000));
        folder.Write("out.json", new string('x', 100_000));
        using PvhDomain domain = Build();
        RawOutput.Write(domain, folder.File("out"));
        Assert.Equal(0x200000, File.ReadAllBytes(folder.File("out")).AsSpan().IndexOfAnyExcept((byte)0));
        Assert.EndsWith("}\n", File.ReadAllText(folder.File("out.json")), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void Cancelled_writing_leaves_what_was_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out", "as it was");
        using PvhDomain domain = Build();
        Assert.Throws<OperationCanceledException>(() => RawOutput.Write(domain, folder.File("out"), new CancellationToken(canceled: true)));
        Assert.Equal("as it was", File.ReadAllText(folder.File("out")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Link_stays_a_link_to_the_new_file()
    {
        using var folder = new TemporaryFolder();
        folder.Write("target", "old");
        File.CreateSymbolicLink(folder.File("out"), "target");
        using PvhDomain domain = Build();
        RawOutput.Write(domain, folder.File("out"));
        Assert.Equal("target", new FileInfo(folder.File("out")).LinkTarget);
        Assert.InRange(new FileInfo(folder.File("target")).Length, 0x200000, int.MaxValue);
    }

    [Fact]
    public void Nothing_is_left_of_files_of_which_one_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("out.json"));
        folder.Write("out", "what was there before");
        using PvhDomain domain = Build();
        Assert.Throws<UnauthorizedAccessException>(() => RawOutput.Write(domain, folder.File("out")));
        Assert.Equal("what was there before", File.ReadAllText(folder.File("out")));
        Assert.Equal([folder.File("out")], Directory.GetFiles(folder.Path));
        Assert.Throws<DirectoryNotFoundException>(() => RawOutput.Write(domain, folder.File("missing", "out")));
    }

    private static PvhDomain Build(Paddr? start = null)
    {
        using var image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        return new PvhBuilder { MemorySize = 64 << 20, KernelAddress = start }.Build(kernel);
    }
}
