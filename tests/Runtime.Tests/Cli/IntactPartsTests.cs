using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Whatever is cut off or changed, inspect shows no less than the parts before it.</summary>
public sealed class IntactPartsTests
{
    private static byte[] Kernel => [.. new TestElf { Entry = 0x1000000 }
        .Add(
            new TestSegment(BootProtocol.Elf.SegmentType.Load, new byte[2000]) { PhysicalAddress = 0x1000000 },
            new TestNotes().Add("Xen", 6, "linux").Add("Xen", 18, 0x1000000u).Segment())
        .Build()];

    /// <summary>Of a compressed kernel that is cut off, its beginning is decoded, and the notes in it are shown.</summary>
    [Theory]
    [InlineData("6.12-amd64", 0.9)]
    [InlineData("6.1-cloud-amd64", 0.9)]
    [InlineData("6.1-686-pae", 0.9)]
    [InlineData("6.12-amd64", 0.0001)]
    [Needs(Need.Kernels)]
    public void A_kernel_that_is_cut_off(string name, double part)
    {
        byte[] bytes = File.ReadAllBytes(DebianKernels.Find(name, "vmlinuz"));
        JsonElement whole = Inspect(bytes, out string? none);
        JsonElement cut = Inspect(bytes[..(int)(bytes.Length * part)], out string? line);
        Assert.Null(none);
        Assert.Contains("syssize", line, StringComparison.Ordinal);
        foreach (string field in new[] { "kind", "protocol", "setup_header" })
            Assert.Equal(whole.GetProperty(field).ToString(), cut.GetProperty(field).ToString());
        if (part < 0.5)
            return;
        foreach (string field in new[] { "kernel_version", "notes", "elf" })
            Assert.Equal(whole.GetProperty(field).ToString(), cut.GetProperty(field).ToString());
    }

    [Fact]
    public void An_image_or_a_kernel_that_is_cut_off_anywhere()
    {
        byte[] image = PackedImage.Create(PackedImage.Gzip(Kernel));
        JsonElement whole = Inspect(image, out _);
        for (int length = 0x26c; length < image.Length - 16; length += 37)
            Assert.Equal(whole.GetProperty("setup_header").ToString(), Inspect(image[..length], out _).GetProperty("setup_header").ToString());

        byte[] elf = Kernel;
        whole = Inspect(elf, out _);
        string[] segments = Segments(whole);
        Assert.Equal(2, segments.Length);
        for (int length = 64; length < elf.Length; length += 7)
        {
            JsonElement cut = Inspect(elf[..length], out _);
            Assert.Equal(whole.GetProperty("elf").GetProperty("entry").ToString(), cut.GetProperty("elf").GetProperty("entry").ToString());
            Assert.Equal(segments[..Math.Min(segments.Length, (length - 64) / 56)], Segments(cut));
        }
    }

    /// <summary>A changed byte behind the header leaves the header as it is, and one in the payload the ELF header before it.</summary>
    [Fact]
    public void A_byte_that_was_changed_anywhere()
    {
        byte[] image = PackedImage.Create(Kernel);
        using var opened = BootImage.Open(image);
        int payload = opened.SetupLength + PackedImage.PayloadOffset;
        JsonElement whole = Inspect(image, out _);
        for (int at = 0x270; at < image.Length; at += 13)
        {
            byte[] changed = [.. image];
            changed[at] ^= 0x81;
            JsonElement seen = Inspect(changed, out _);
            Assert.Equal(whole.GetProperty("setup_header").ToString(), seen.GetProperty("setup_header").ToString());
            if (at > payload + 64 + (2 * 56))
                Assert.Equal(Segments(whole), Segments(seen));
        }
    }

    private static string[] Segments(JsonElement image) =>
        [.. image.GetProperty("elf").GetProperty("segments").EnumerateArray().Select(segment => segment.ToString())];

    private static JsonElement Inspect(byte[] bytes, out string? line)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), bytes);
        CliRun run = CliRun.Start("inspect", folder.File("image"), "--json");
        line = run.ExitCode == 0 ? null : run.Faulty();
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.Clone();
    }
}
