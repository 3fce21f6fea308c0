using System.Buffers.Binary;
using BootProtocol.Checks;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Checks;

/// <summary>Rules about the ramdisk: where its first program is, and what it is.</summary>
public sealed class InitrdCheckTests
{
    private const uint Folder = 0x41ed;
    private const uint Link = 0xa1ff;
    private const uint Program = 0x81ed;
    private const uint Text = 0x81a4;

    /// <summary>Links are followed, component by component, as the kernel does.</summary>
    [Theory]
    [InlineData("rdinit=/bin/sh", true)]
    [InlineData("rdinit=/sbin/init", true)]
    [InlineData("rdinit=/bin/.././bin//sh", true)]
    [InlineData("rdinit=/bin/../usr/bin/sh", false)]
    [InlineData("rdinit=bin/sh", true)]
    [InlineData("rdinit=/bin/through", true)]
    [InlineData("rdinit=/bin/none", false)]
    [InlineData("rdinit=/dangling", false)]
    [InlineData("rdinit=/loop/init", true)]
    [InlineData("rdinit=/later", true)]
    public void Links_are_followed(string line, bool isFound)
    {
        byte[] initrd = CheckCases.Archive(
        [
            ("bin", Link, "usr/bin"u8.ToArray()), ("usr", Folder, []), ("usr/bin", Folder, []), ("usr/bin/sh", Program, [1]),
            ("sbin/init", Link, "/usr/lib/systemd/systemd"u8.ToArray()), ("usr/lib", Link, "../lib"u8.ToArray()), ("lib/systemd/systemd", Program, [1]),
            ("bin/through", Program, [1]), ("dangling", Link, "/usr/none"u8.ToArray()), ("loop", Link, "loop"u8.ToArray()),
            ("later", Text, [1]), ("later", Program, [1]),
        ]);
        Assert.Equal(isFound, Find(initrd, line) is null);
    }

    /// <summary>However an archive writes the name of a file, it is the same file.</summary>
    [Theory]
    [InlineData("init")]
    [InlineData("/init")]
    [InlineData("./init")]
    [InlineData(".//init")]
    [InlineData("//./init")]
    public void Names_are_paths(string name) => Assert.Null(Find(CheckCases.Archive((name, [1])), "quiet"));

    /// <summary>A first program that cannot be executed stops the kernel, and it mounts no root= in place of it.</summary>
    [Theory]
    [InlineData("init", Text)]
    [InlineData("init", Folder)]
    [InlineData("init", 0x21edu)]
    [InlineData("/init", Text)]
    public void A_first_program_that_cannot_be_executed_is_found(string name, uint mode)
    {
        byte[] initrd = CheckCases.Archive([(name, mode, [])]);
        Assert.Contains("can be executed", Find(initrd, "quiet"), StringComparison.Ordinal);
        Assert.Contains("can be executed", Find(initrd, "root=/dev/sda1"), StringComparison.Ordinal);
    }

    /// <summary>Directories with files stay when a later archive has a link of their name.</summary>
    [Fact]
    public void A_directory_with_files_is_not_replaced()
    {
        byte[] first = CheckCases.Archive([("bin", Folder, []), ("bin/sh", Program, [1])]);
        byte[] second = CheckCases.Archive([("bin", Link, "usr/bin"u8.ToArray())]);
        Assert.Null(Find([.. first, .. second], "rdinit=/bin/sh"));
        Assert.NotNull(Find([.. second, .. first], "rdinit=/usr/none"));
    }

    /// <summary>Archives follow each other, packed or not, each by its own method, with zeros between them or not.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void Archives_behind_a_packed_one_are_read()
    {
        string[] tools = ["cat", "gzip", "bzip2", "xz --check=crc32", "xz --format=lzma", "lzop", "zstd -q", "lz4 -l"];
        foreach (string first in tools)
        {
            byte[] hosts = CheckCases.Archive(("etc/hosts", new byte[3000]));
            byte[] front = first == "cat" ? hosts : Filter.Run($"{first} -c", hosts);
            foreach (string second in tools)
            {
                byte[] behind = second == "cat" ? CheckCases.Initrd : Filter.Run($"{second} -c", CheckCases.Initrd);
                // lz4 -l ends without a mark: what follows without zeros between is its next block, for the kernel, too.
                foreach (int zeros in first == "lz4 -l" ? (int[])[4, 512] : [0, 4, 512])
                {
                    var contents = InitrdContents.Read((byte[])[.. front, .. new byte[(-front.Length & 3) + zeros], .. behind]);
                    Assert.True(contents.Fault is null, $"{first} and {second}, {zeros}: {contents.Fault}");
                    Assert.True(contents.Files.TryFind("/init", out InitrdFile? init) && init is { IsProgram: true }, $"{first} and {second}, {zeros}");
                }
            }
        }
    }

    /// <summary>What follows a packed archive and is not understood may hold anything.</summary>
    [Fact]
    public void Nothing_is_said_of_what_is_not_read()
    {
        byte[] front = PackedImage.Gzip(CheckCases.Archive(("etc/hosts", [1])));
        Assert.Null(Find([.. front, .. "a text, and no archive"u8], "quiet"));
        Assert.NotNull(Find([.. front, .. new byte[100]], "quiet"));
    }

    /// <summary>The limit of what is unpacked is not the kernel's.</summary>
    [Fact]
    [Needs(Need.Time)]
    public void A_ramdisk_above_the_limit_is_no_fault()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(CheckCases.Archive(("etc/hosts", [1])));
            byte[] zeros = new byte[16 << 20];
            for (int i = 0; i <= 64; i++)
                gzip.Write(zeros);
        }

        Assert.Null(Find(packed.ToArray(), "quiet"));
    }

    /// <summary>kexec puts the ramdisk of a kernel that may lie above 4 GiB anywhere.</summary>
    [Theory]
    [InlineData(CheckTarget.Kexec, 3, false)]
    [InlineData(CheckTarget.Kexec, 1, true)]
    [InlineData(CheckTarget.Qemu, 3, true)]
    [InlineData(null, 3, true)]
    public void The_limit_of_addresses_is_for_loaders_that_keep_to_it(CheckTarget? target, byte flags, bool isFound)
    {
        byte[] bytes = CheckCases.Image;
        bytes[0x236] = flags;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(0x22c), 100);
        using var image = BootImage.Open(bytes);
        ImageCheckResult result = ImageCheck.Run(image, CheckCases.With(CheckCases.Initrd) with { Target = target });
        Assert.Equal(isFound, result.Findings.Any(static finding => finding.Rule.Id == "initrd-room"));
    }

    /// <summary>Many small archives together decode to no more than one may.</summary>
    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    [InlineData(2000, true)]
    public void The_limit_is_for_all_archives_together(int count, bool isTooMuch)
    {
        const int Most = 10 << 10;
        byte[] archive = CheckCases.Archive(("etc/hosts", [1]));
        byte[] packed = PackedImage.Gzip([.. archive, .. new byte[(Most / 10) - archive.Length]]);
        // Zeros between them: gzip takes what follows at once for a part of the same stream.
        byte[] initrd = [.. Enumerable.Repeat(packed, count).SelectMany(static part => (byte[])[.. part, 0, 0, 0, 0])];
        var contents = InitrdContents.Read(initrd, new Limits { MaximumOutput = Most });
        Assert.Equal((isTooMuch, null, Most), (contents.IsPartial, contents.Fault, contents.Decoded));
    }

    private static string? Find(byte[] initrd, string line)
    {
        using var image = BootImage.Open(CheckCases.Image);
        ImageCheckResult result = ImageCheck.Run(image, new ImageCheckRequest { Initrd = initrd, CommandLine = line });
        Assert.DoesNotContain(result.Findings, static finding => finding.Rule.Id is "initrd-format" or "initrd-whole");
        return result.Findings.FirstOrDefault(static finding => finding.Rule.Id == "initrd-init")?.Message;
    }
}
