using System.Buffers.Binary;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>Images that were made to hurt: one line each from the tool as a program of its own, within its memory.</summary>
[Needs(Need.Tools)]
public sealed class HostileKernelTests
{
    private const int PayloadOffset = 0x248;
    private const int PayloadLength = 0x24c;

    /// <summary>What the tool takes for itself, its runtime and the image; what decodes little must do with that.</summary>
    private const long OwnMemory = 64 << 20;

    /// <summary>What the limits allow: all output that there may be, and all memory that a decoder may hold.</summary>
    private static readonly long _mostMemory = Limits.Default.MaximumOutput + (long)Limits.Default.MaximumDecoderMemory + OwnMemory;

    [Theory]
    [InlineData(PayloadOffset, 0x10000u, "setup_header.payload_offset at offset 0x248")]
    [InlineData(PayloadOffset, 0xffffffffu, "setup_header.payload_offset at offset 0x248")]
    [InlineData(PayloadLength, 0x10000u, "setup_header.payload_length at offset 0x24c")]
    [InlineData(PayloadLength, 0xffffffffu, "setup_header.payload_length at offset 0x24c")]
    [InlineData(PayloadOffset, 0x44u, "payload.magic at offset")]
    [InlineData(PayloadLength, 12u, "gzip payload")]
    public void A_payload_that_is_not_there(int field, uint value, string expected)
    {
        byte[] image = PackedImage.Create(PackedImage.Gzip(Kernel().Build()));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(field), value);
        Assert.Contains(expected, Inspect(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(100u)]
    [InlineData(0x40000001u)]
    [InlineData(0x40000000u)]
    public void A_size_that_is_not_true(uint size)
    {
        byte[] kernel = Kernel().Build();
        byte[] gzip = PackedImage.Gzip(kernel);
        BinaryPrimitives.WriteUInt32LittleEndian(gzip.AsSpan(^4..), size);
        Assert.Contains("gzip payload", Inspect(PackedImage.Create(gzip)), StringComparison.Ordinal);
        foreach (string format in PackingTool.Formats.Where(format => format != "gzip"))
        {
            byte[] packed = PackedImage.WithTrailer(PackingTool.Pack("hostile", format, kernel), size);
            Assert.Contains($"{format} payload", Inspect(PackedImage.Create(packed)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    [InlineData("lzma")]
    [InlineData("xz")]
    [InlineData("lzo")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public void A_bomb_of_more_than_two_gibibytes(string format)
    {
        byte[] bomb = PackingTool.PackZeroes(2100, format);

        // As a file of its own, whose size shows only in the end, and with sizes that are wrong by much or by little. Both commands decode
        // alike, and both the file and the largest size that is possible take as long as the limit lets them: in turn.
        bool isExtracted = Array.IndexOf(PackingTool.Formats, format) % 2 == 0;
        string found = isExtracted ? Run(bomb, _mostMemory, "extract", "-o", "vmlinux") : Run(bomb, _mostMemory, "inspect");
        Assert.Contains($"{format} payload", found, StringComparison.Ordinal);
        foreach (uint size in isExtracted ? new[] { 100u << 20, 3u << 30 } : [1u << 30, 3u << 30])
        {
            byte[] payload = bomb;
            if (format == "gzip")
            {
                payload = [.. bomb];
                BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(^4..), size);
            }
            else
            {
                payload = PackedImage.WithTrailer(bomb, size);
            }

            Assert.Contains($"{format} payload", Run(PackedImage.Create(payload), _mostMemory, "inspect"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_bomb_that_looks_like_a_large_kernel()
    {
        // Memory for output of unknown size goes by the payload's length, of which a frame that is skipped can make any.
        byte[] bomb = PackingTool.PackZeroes(2100, "zstd");
        byte[] file = new byte[(120 << 20) + bomb.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(file, 0x184d2a50);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - bomb.Length - 8);
        bomb.CopyTo(file, file.Length - bomb.Length);
        Assert.Contains("zstd payload.size", Run(file, _mostMemory, "inspect"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 0xffffffffu)]
    [InlineData(0xffffffffu, 0u)]
    [InlineData(0xfffffff4u, 0xfffffff4u)]
    [InlineData(4u, 0xfffffffdu)]
    public void Note_sizes_that_wrap(uint name, uint descriptor)
    {
        TestNotes notes = new TestNotes().Add("Xen", 6, "linux").Add(name, descriptor, 1).Add("Xen", 8, "generic");
        Assert.Contains("elf_nhdr.", Inspect(Kernel(notes).Build()), StringComparison.Ordinal);
        Assert.Contains("elf_nhdr.", Inspect(PackedImage.Create(PackedImage.Gzip(Kernel(notes).Build()))), StringComparison.Ordinal);
    }

    [Fact]
    public void More_notes_than_anyone_needs()
    {
        // A file that claims 2^32 bytes of notes, and one that has too many of them.
        byte[] claims = Kernel(new TestNotes().Add("Xen", 6, "linux")).Build();
        int sizeOfNotes = 64 + 56 + 32;
        BinaryPrimitives.WriteUInt64LittleEndian(claims.AsSpan(sizeOfNotes), 12ul << 32);
        Assert.Contains("elf_phdr.p_offset", Inspect(claims), StringComparison.Ordinal);

        var notes = new TestNotes();
        for (int i = 0; i <= 65_536; i++)
            notes.Add(0, 0, 1);
        Assert.Contains("at most 65536 notes", Inspect(Kernel(notes).Build()), StringComparison.Ordinal);
    }

    [Fact]
    public void Notes_that_share_their_bytes()
    {
        // Each segment leads to the same note of a MiB.
        var elf = new TestElf();
        elf.Add([.. Enumerable.Range(0, 100).Select(_ => new TestSegment(SegmentType.Note, []))]);
        elf.Add(new TestNotes().Add("A", 1, new byte[1 << 20]).Segment());
        byte[] bytes = elf.Build();
        Span<byte> last = bytes.AsSpan(64 + (100 * 56), 56);
        for (int i = 0; i < 100; i++)
            last.CopyTo(bytes.AsSpan(64 + (i * 56)));
        Assert.Contains("bytes of notes in all", Inspect(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, 0xffffffff_fffffff0ul, "e_phoff")]
    [InlineData(32, 0x100000ul, "e_phoff")]
    [InlineData(64 + 8, 0xffffffff_fffff000ul, "p_offset")]
    [InlineData(64 + 32, 0xffffffff_fffff000ul, "p_offset")]
    [InlineData(64 + 40, 0ul, "p_memsz")]
    public void Headers_that_lead_outside(int offset, ulong value, string field)
    {
        byte[] kernel = Kernel().Build();
        BinaryPrimitives.WriteUInt64LittleEndian(kernel.AsSpan(offset), value);
        Assert.Contains(field, Inspect(kernel), StringComparison.Ordinal);
        Assert.Contains(field, Inspect(PackedImage.Create(PackedImage.Gzip(kernel))), StringComparison.Ordinal);
    }

    /// <summary>Nothing that is started needs sections: that they lead outside is a remark.</summary>
    [Fact]
    public void Sections_that_lead_outside()
    {
        byte[] kernel = Kernel().Build();
        BinaryPrimitives.WriteUInt64LittleEndian(kernel.AsSpan(40), 0xffffffff_fffffff0);
        using var folder = new TemporaryFolder();
        foreach (byte[] image in new[] { kernel, PackedImage.Create(PackedImage.Gzip(kernel)) })
        {
            File.WriteAllBytes(folder.File("image"), image);
            Assert.Contains("elf_ehdr.e_shoff", CliRun.Start("inspect", folder.File("image")).Succeeded(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Something_else_that_is_compressed()
    {
        Assert.EndsWith("found zeros in gzip, no kernel\n", Inspect(PackedImage.Gzip(new byte[1000])), StringComparison.Ordinal);
        Assert.EndsWith("found an empty file in gzip, no kernel\n", Inspect(PackingTool.Pack("nothing", "gzip", [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prefix_and_every_changed_byte_of_an_image()
    {
        using var folder = new TemporaryFolder();
        TestNotes notes = new TestNotes().Add("Xen", 6, "linux").Add("Xen", 18, 0x1000000u).Add("GNU", 3, new byte[20]);
        byte[] kernel = [.. Kernel(notes).Build(), .. new byte[8], 1, 0, 0, 0];
        byte[][] images =
        [
            PackedImage.Create(PackedImage.Gzip(kernel)),
            PackedImage.Create(kernel),
            PackedImage.Create(PackedImage.WithTrailer(PackingTool.Pack("hostile-notes", "xz", kernel), (uint)kernel.Length)),
            PackedImage.Gzip(kernel),
            kernel,
        ];
        foreach (byte[] image in images)
        {
            Answer(folder, image, mustSucceed: true);
            for (int length = 0; length < image.Length; length += length is < 0x400 or (> 0x1000 and < 0x1400) ? 17 : 97)
                Answer(folder, image[..length]);
            for (int at = 0; at < image.Length; at += image.Length > 0x1000 && at is < 0x1f1 or (> 0x270 and < 0x1000) ? 67 : 1)
            {
                byte[] changed = [.. image];
                changed[at] = (byte)(at % 3 == 0 ? 0xff : changed[at] ^ (1 << (at % 8)));
                Answer(folder, changed);
            }
        }
    }

    private static TestElf Kernel(TestNotes? notes = null)
    {
        var elf = new TestElf { Entry = 0x1000000 };
        elf.Add(new TestSegment(SegmentType.Load, new byte[512]) { PhysicalAddress = 0x1000000, Flags = SegmentFlags.Read | SegmentFlags.Execute });
        return notes is null ? elf : elf.Add(notes.Segment());
    }

    /// <summary>A result or one line, from the commands that look at everything.</summary>
    private static void Answer(TemporaryFolder folder, byte[] image, bool mustSucceed = false)
    {
        string path = folder.File("image");
        File.WriteAllBytes(path, image);
        foreach (string[] arguments in (string[][])[["inspect", path, "--json"], ["extract", path, "-o", folder.File("out")]])
        {
            CliRun run = CliRun.Start(arguments);
            if (mustSucceed || run.ExitCode == 0)
                _ = run.Succeeded();
            else if (run.Output.Length > 0 && arguments[0] == "inspect")
                _ = run.Faulty();
            else
                _ = run.Failed(1);
        }
    }

    private static string Inspect(byte[] image) => Run(image, OwnMemory, "inspect");

    private static string Run(byte[] image, long mostMemory, string command, params string[] more)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("image");
        File.WriteAllBytes(path, image);
        MeasuredRun measured = MeasuredRun.Start([command, path, .. more]);
        string line = command == "inspect" ? measured.Run.Faulty() : measured.Run.Failed(1);
        Assert.InRange(measured.PeakMemory, 1, mostMemory);
        Assert.StartsWith($"error: {path}: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        return line;
    }
}
