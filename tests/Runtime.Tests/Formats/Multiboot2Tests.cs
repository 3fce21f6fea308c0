using System.Buffers.Binary;
using System.IO.Compression;
using BootProtocol.Multiboot;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Formats;

/// <summary>Multiboot2 headers: those of Xen's hypervisors, and written ones, which GRUB's own check accepts.</summary>
[Needs(Need.Kernels)]
public sealed class Multiboot2Tests
{
    private const int Searched = 32 << 10;

    [Theory]
    [InlineData("xen")]
    [InlineData("xen-4.20")]
    public void Header_of_a_hypervisor_is_read(string package)
    {
        byte[] file;
        using (var packed = new GZipStream(File.OpenRead(DebianKernels.Find(package, "xen.gz")), CompressionMode.Decompress))
        {
            using var memory = new MemoryStream();
            packed.CopyTo(memory);
            file = memory.ToArray();
        }

        Assert.True(GrubAccepts(file));
        int start = Find(file);
        Multiboot2Header header = Multiboot2Header.Parse(file.AsSpan(start));
        Assert.Equal(Multiboot2Architecture.I386, header.Architecture);
        Assert.Equal(0u, unchecked(header.Magic + (uint)header.Architecture + header.HeaderLength + header.Checksum));
        var seen = new List<string>();
        foreach (Multiboot2HeaderTag tag in header.Tags)
        {
            string more = "";
            if (tag.Body.TryGetRequest(out Multiboot2Request request, out _))
                more = string.Join(' ', request.Types.ToArray().Select(static type => $" {(Multiboot2TagType)type}"));
            else if (tag.Body.TryGetEntryEfi64(out Multiboot2Entry entry, out _))
                more = entry.EntryAddr is >= 0x200000 and < 0x1000000 ? " in the image" : $" 0x{entry.EntryAddr:x}";
            else if (tag.Body.TryGetRelocatable(out Multiboot2Relocatable place, out _))
                more = $" 0x{place.MinAddr:x} to 0x{place.MaxAddr:x} by 0x{place.Align:x}, {place.Preference}";
            seen.Add($"{tag.Type}{more}");
        }

        // As xen/arch/x86/boot/head.S has them.
        Assert.Equal(
            [
                "InformationRequest BasicMemory  MemoryMap",
                "ModuleAlign",
                "Relocatable 0x200000 to 0xffffffff by 0x200000, Highest",
                "ConsoleFlags",
                "Framebuffer",
                "EfiBootServices",
                "EntryAddressEfi64 in the image",
                "End",
            ],
            seen);
    }

    [Fact]
    public void Grub_accepts_what_builders_write() => Gen.Select(Gen.Int[0, 7].Array[0, 6], Gen.UInt, Gen.UInt.Array[0, 5]).Sample(
        (kinds, number, numbers) =>
        {
            byte[] file = new byte[Searched];
            Multiboot2Header.Builder header = Multiboot2Header.Build(file.AsSpan(0x40));
            foreach (int kind in kinds)
                header.AddTags(Tag(header.RoomForTags(), kind, number, numbers));
            header.AddTags(Multiboot2HeaderTag.Build(header.RoomForTags()).Finish());
            header.Finish();

            Multiboot2Header view = Multiboot2Header.Parse(file.AsSpan(0x40));
            int at = 0;
            foreach (Multiboot2HeaderTag tag in view.Tags)
            {
                if (tag.Type == Multiboot2HeaderTagType.End)
                    break;
                at++;
                if (tag.Body.TryGetRequest(out Multiboot2Request request, out _))
                    Assert.Equal(numbers, request.Types.ToArray());
                if (tag.Body.TryGetRelocatable(out Multiboot2Relocatable place, out _))
                    Assert.Equal((number, Multiboot2Preference.Lowest), (place.Align, place.Preference));
            }

            Assert.Equal(kinds.Length, at);
            Assert.True(GrubAccepts(file));
            file[0x4c]++;
            Assert.False(GrubAccepts(file));
        },
        iter: 10);

    private static ReadOnlySpan<byte> Tag(Span<byte> room, int kind, uint number, uint[] numbers)
    {
        Multiboot2HeaderTag.Builder tag = Multiboot2HeaderTag.Build(room);
        tag.Fixed().Flags = kind % 2 == 0 ? Multiboot2HeaderTagFlags.Optional : 0;
        switch (kind)
        {
            case 0:
                Multiboot2Request.Builder request = Multiboot2Request.Build(tag.RoomForBody());
                request.SetTypes(numbers);
                tag.SetBody(Multiboot2HeaderTagType.InformationRequest, request.Finish());
                break;
            case 1:
                Span<byte> place = tag.RoomForBody()[..Multiboot2Relocatable.Layout.Size];
                Multiboot2Relocatable.Writer relocatable = Multiboot2Relocatable.Create(place);
                relocatable.Align = number;
                relocatable.Preference = Multiboot2Preference.Lowest;
                tag.SetBody(Multiboot2HeaderTagType.Relocatable, place);
                break;
            default:
                tag.SetBody(kind % 2 == 0 ? Multiboot2HeaderTagType.ModuleAlign : Multiboot2HeaderTagType.EfiBootServices, []);
                break;
        }

        return tag.Finish();
    }

    private static int Find(byte[] file)
    {
        int start = 0;
        while (start < Searched && BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(start)) != 0xe85250d6)
            start += 8;
        return start;
    }

    private static bool GrubAccepts(byte[] file)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "kernel");
        File.WriteAllBytes(path, file);
        return ToolRun.Start("grub-file", ["--is-x86-multiboot2", path], folder.Path).ExitCode == 0;
    }
}
