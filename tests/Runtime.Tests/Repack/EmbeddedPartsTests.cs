using System.Text;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Checks;
using BootProtocol.Runtime.Tests.Decompress;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>What is linked into kernels: the first archive that they unpack, and a command line.</summary>
public sealed class EmbeddedPartsTests
{
    private const int Place = 0x9000;
    private const int CommandLineLength = 2048;

    [Theory]
    [InlineData(WordSize.Bits64, true)]
    [InlineData(WordSize.Bits64, false)]
    [InlineData(WordSize.Bits32, true)]
    [InlineData(WordSize.Bits32, false)]
    public void The_archive_is_found_by_symbols_or_by_search(WordSize word, bool hasSymbols)
    {
        byte[] old = RepackCases.EmbeddedArchive(word);
        int room = old.Length - ((int)word / 8);
        byte[] kernel = RepackCases.WithSymbols(
            hasSymbols ? [("__initramfs_start", Place), ("__initramfs_size", Place + room)] : [("other", Place)],
            segment => old.CopyTo(segment[Place..]),
            word);
        using var opened = BootImage.Open(RepackCases.Image(kernel));
        using Kernel decoded = opened.Decompress();
        Assert.NotNull(decoded.Symbols);
        int at = kernel.AsSpan().IndexOf(old);
        byte[] archive = CheckCases.Archive(("init", "#!/x"u8.ToArray()));
        byte[] changed = RepackCases.KernelOf(RepackCases.Repack(RepackCases.Image(kernel), new ImageRepacker { Initramfs = archive }));

        byte[] expected = (byte[])kernel.Clone();
        expected.AsSpan(at, room).Clear();
        archive.CopyTo(expected, at);
        Assert.Equal(expected, changed);

        // The size is still that of the room, so that there is as much of it for the next one.
        byte[] again = RepackCases.KernelOf(RepackCases.Repack(RepackCases.Image(changed), new ImageRepacker { Initramfs = old.AsMemory(0, room) }));
        Assert.Equal(kernel, again);
    }

    [Fact]
    public void An_archive_that_is_too_long_is_packed_and_one_that_does_not_help_is_refused()
    {
        byte[] old = RepackCases.EmbeddedArchive(WordSize.Bits64);
        byte[] kernel = RepackCases.WithSymbols([("gunzip", 0x8800)], segment => old.CopyTo(segment[Place..]));
        int at = kernel.AsSpan().IndexOf(old);
        byte[] archive = CheckCases.Archive(("init", new byte[3000]));
        byte[] changed = RepackCases.KernelOf(RepackCases.Repack(RepackCases.Image(kernel), new ImageRepacker { Initramfs = archive }));
        using var stream = new System.IO.Compression.GZipStream(new MemoryStream(changed, at, old.Length), System.IO.Compression.CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        stream.CopyTo(unpacked);
        Assert.Equal(archive, unpacked.ToArray());

        byte[] random = new byte[3000];
        new Random(1).NextBytes(random);
        string line = Refused(kernel, new ImageRepacker { Initramfs = CheckCases.Archive(("init", random)) });
        Assert.Contains(
            $"an archive of at most {old.Length - 8} bytes, the size of the one that is linked into the kernel, found ", line, StringComparison.Ordinal);
        Assert.EndsWith(" packed with gzip", line, StringComparison.Ordinal);

        // A kernel that cannot unpack it does not get it packed.
        byte[] without = RepackCases.WithSymbols([("other", 0x8800)], segment => old.CopyTo(segment[Place..]));
        Assert.EndsWith($"found {archive.Length} bytes", Refused(without, new ImageRepacker { Initramfs = archive }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_is_another_proves_no_place()
    {
        byte[] old = RepackCases.EmbeddedArchive(WordSize.Bits64);
        old[^8]++;
        byte[] kernel = RepackCases.WithSymbols([("other", Place)], segment => old.CopyTo(segment[Place..]));
        string line = Refused(kernel, new ImageRepacker { Initramfs = CheckCases.Archive() });
        Assert.Contains("a kernel whose embedded archive can be found", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_line_is_replaced_where_it_is_built_in()
    {
        byte[] kernel = RepackCases.WithSymbols(
            [("builtin_cmdline", Place), ("next", Place + CommandLineLength)], segment => "console=ttyS0 old and long"u8.CopyTo(segment.Span[Place..]));
        int at = kernel.AsSpan().IndexOf("console=ttyS0"u8);
        byte[] changed = RepackCases.KernelOf(RepackCases.Repack(RepackCases.Image(kernel), new ImageRepacker { CommandLine = "quiet" }));
        byte[] expected = (byte[])kernel.Clone();
        expected.AsSpan(at, CommandLineLength).Clear();
        "quiet"u8.CopyTo(expected.AsSpan(at));
        Assert.Equal(expected, changed);

        string longest = new('x', CommandLineLength - 1);
        changed = RepackCases.KernelOf(RepackCases.Repack(RepackCases.Image(kernel), new ImageRepacker { CommandLine = longest }));
        Assert.Equal(longest + "\0", Encoding.ASCII.GetString(changed, at, CommandLineLength));
        Assert.EndsWith(
            "expected at most 2047 bytes, the room that the kernel has for it, found 2048",
            Refused(kernel, new ImageRepacker { CommandLine = longest + "x" }),
            StringComparison.Ordinal);
        Assert.Contains("a text without NULs", Refused(kernel, new ImageRepacker { CommandLine = "a\0b" }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_one_says_who_has_to_pass_it()
    {
        byte[] kernel = RepackCases.WithSymbols([("other", Place)], static _ => { });
        string line = Refused(kernel, new ImageRepacker { CommandLine = "quiet" });
        Assert.Contains("symbol builtin_cmdline", line, StringComparison.Ordinal);
        Assert.EndsWith("found none: the boot loader has to pass it, or a unified kernel image to hold it", line, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void A_folder_becomes_an_archive_that_cpio_unpacks()
    {
        using var folder = new TemporaryFolder();
        string root = Directory.CreateDirectory(folder.File("root")).FullName;
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        folder.Write("root/bin/tool", "a tool");
        folder.Write("root/init", "#!/bin/tool\n");
        _ = ToolRun.Start("chmod", ["755", "init"], root).Succeeded();
        _ = ToolRun.Start("chmod", ["600", "bin/tool"], root).Succeeded();
        File.CreateSymbolicLink(Path.Combine(root, "sbin"), "bin");
        byte[] archive = InitramfsArchive.OfFolder(root);
        Assert.Equal(archive, InitramfsArchive.OfFolder(root));
        File.WriteAllBytes(folder.File("archive"), archive);
        string list = ToolRun.Start("cpio", ["-itv", "--quiet", "-n", "-F", folder.File("archive")], folder.Path).Succeeded();
        string[] expected = ["drwx", "-rw-------", "-rwxr-xr-x", "lrwxrwxrwx"];
        string[] lines = list.TrimEnd('\n').Split('\n');
        Assert.Equal(expected.Length, lines.Length);
        Assert.All(expected.Zip(lines), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        string target = Directory.CreateDirectory(folder.File("target")).FullName;
        _ = ToolRun.Start("cpio", ["-i", "--quiet", "-F", folder.File("archive")], target).Succeeded();
        _ = ToolRun.Start("diff", ["-r", "--no-dereference", root, target], folder.Path).Succeeded();

        _ = ToolRun.Start("mkfifo", [Path.Combine(root, "pipe")], folder.Path).Succeeded();
        BootRequestException refusal = Assert.Throws<BootRequestException>(() => InitramfsArchive.OfFolder(root));
        Assert.Equal("initramfs.pipe: expected a file, a folder or a link, found a device, a pipe or a socket", refusal.Message);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Rights_of_programs_and_folders_stay()
    {
        using var folder = new TemporaryFolder();
        string root = Directory.CreateDirectory(folder.File("root")).FullName;
        folder.Write("root/su", "x");
        Directory.CreateDirectory(Path.Combine(root, "tmp"));
        _ = ToolRun.Start("chmod", ["4755", "su"], root).Succeeded();
        _ = ToolRun.Start("chmod", ["1777", "tmp"], root).Succeeded();
        File.WriteAllBytes(folder.File("archive"), InitramfsArchive.OfFolder(root));
        string[] lines = ToolRun.Start("cpio", ["-itv", "--quiet", "-n", "-F", folder.File("archive")], folder.Path).Succeeded().Split('\n');
        Assert.StartsWith("-rwsr-xr-x", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("drwxrwxrwt", lines[1], StringComparison.Ordinal);
    }

    /// <summary>The files are read straight to their places: there is no second copy of them.</summary>
    [Fact]
    [Needs(Need.Time)]
    public void A_large_folder_takes_its_size_of_memory_once()
    {
        const int Size = 1 << 26;
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 3; i++)
        {
            using FileStream file = File.Create(folder.File($"{i}"));
            file.SetLength(Size);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        byte[] archive = InitramfsArchive.OfFolder(folder.Path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, archive.Length, archive.Length + (1 << 20));
        Assert.InRange(archive.Length, 3 * Size, (3 * Size) + 1000);
    }

    [Theory]
    [InlineData("touch 'TRAILER!!!'", "initramfs.TRAILER!!!: expected another name than TRAILER!!!, at which an archive ends, found this one")]
    [InlineData("touch \"$(printf 'a\\377')\"", "initramfs.a\ufffd: expected a name in UTF-8, found other bytes")]
    [InlineData("mkdir \"$(printf 'a\\377')\"", "initramfs.a\ufffd: expected a name in UTF-8, found other bytes")]
    [InlineData("ln -s \"$(printf 'a\\377')\" link", "initramfs.link: expected a link's target in UTF-8, found other bytes")]
    public void Names_that_would_come_out_as_others_are_refused(string command, string line)
    {
        using var folder = new TemporaryFolder();
        _ = ToolRun.Start("sh", ["-c", command], folder.Path).Succeeded();
        BootRequestException refusal = Assert.Throws<BootRequestException>(() => InitramfsArchive.OfFolder(folder.Path));

        // .NET cannot remove them, either.
        _ = ToolRun.Start("sh", ["-c", "rm -rf -- *"], folder.Path).Succeeded();
        Assert.Equal(line, refusal.Message);
    }

    /// <summary>The kernel panics where it cannot unpack the archive that is linked into it.</summary>
    [Fact]
    public void What_is_no_archive_is_refused()
    {
        byte[] old = RepackCases.EmbeddedArchive(WordSize.Bits64);
        byte[] kernel = RepackCases.WithSymbols([("other", Place)], segment => old.CopyTo(segment[Place..]));
        foreach (byte[] other in (byte[][])["abc"u8.ToArray(), [], "\u007fELF"u8.ToArray()])
        {
            string line = Refused(kernel, new ImageRepacker { Initramfs = other });
            Assert.StartsWith("initramfs: expected a cpio archive of the form newc", line, StringComparison.Ordinal);
        }

        byte[] packed = PackedImage.Gzip(CheckCases.Archive());
        Assert.Equal(kernel.Length, RepackCases.KernelOf(RepackCases.Repack(RepackCases.Image(kernel), new ImageRepacker { Initramfs = packed })).Length);
    }

    private static string Refused(byte[] kernel, ImageRepacker repacker) =>
        Assert.Throws<BootRequestException>(() => RepackCases.Repack(RepackCases.Image(kernel), repacker)).Message;
}
