using BootProtocol.Multiboot;
using BootProtocol.Rules;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Rules;

/// <summary>Where Multiboot headers are found, against GRUB's own search.</summary>
public sealed class MultibootSearchTests
{
    [Fact]
    public void Header_has_what_its_flags_ask_for()
    {
        byte[] file = new byte[4096];
        MultibootHeader.Builder builder = MultibootHeader.Build(file.AsSpan(8));
        builder.Fixed().Flags = MultibootFlags.VideoMode;
        Assert.Throws<BootRequestException>(() => Finish(new byte[12], MultibootFlags.VideoMode));
        builder.SetAddresses().Clear();
        MultibootVideo.Writer video = MultibootVideo.Create(builder.SetVideo());
        video.ModeType = MultibootModeType.Text;
        video.Width = 80;
        Assert.Equal(48, builder.Finish().Length);
        Assert.True(MultibootSearch.TryFind(file, out MultibootHeader header, out int offset));
        Assert.Equal(8, offset);
        Assert.True(header.TryGetVideo(out MultibootVideo mode));
        Assert.Equal(80u, mode.Width);
        Assert.Empty(header.Validate());
        file[12] ^= 1;
        Assert.False(MultibootSearch.TryFind(file, out _, out _));
        Assert.False(MultibootSearch.TryFind2(file, out _, out _));
    }

    /// <summary>At any offset, whole or cut, GRUB finds a header where we do.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void Grub_finds_headers_where_we_do() => Gen.Select(Gen.Int[0, 8300], Gen.Int[0, 33000], Gen.Bool).Sample(
        (first, second, isBroken) =>
        {
            byte[] file = new byte[40_000];
            MultibootHeader.Build(file.AsSpan(first)).Finish();
            Multiboot2Header.Builder header = Multiboot2Header.Build(file.AsSpan(Math.Max(second, first + 16)));
            header.AddTags(Multiboot2HeaderTag.Build(header.RoomForTags()).Finish());
            header.Finish();
            if (isBroken)
                file[first + 8] ^= 0x80;
            Assert.Equal(Grub("--is-x86-multiboot", file), MultibootSearch.TryFind(file, out _, out _));
            Assert.Equal(Grub("--is-x86-multiboot2", file), MultibootSearch.TryFind2(file, out _, out _));
        },
        iter: 40);

    private static void Finish(byte[] file, MultibootFlags flags)
    {
        MultibootHeader.Builder builder = MultibootHeader.Build(file.AsSpan(0, 12));
        builder.Fixed().Flags = flags;
        builder.Finish();
    }

    private static bool Grub(string question, byte[] file)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "kernel");
        File.WriteAllBytes(path, file);
        return ToolRun.Start("grub-file", [question, path], folder.Path).ExitCode == 0;
    }
}
