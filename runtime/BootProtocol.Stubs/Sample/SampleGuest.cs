using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Sample.Code;
using BootProtocol.Sample.Files;
using BootProtocol.Sample.Linking;
using BootProtocol.Sample.Packing;

namespace BootProtocol.Sample;

/// <summary>
/// A bzImage of the library's own, made by its generated writers: something to look at and to boot where there is no other kernel, and a
/// kernel that says what its loader handed to it.
/// </summary>
/// <example><code>
/// byte[] file = SampleGuest.Create(WordSize.Bits64);
/// using BootImage sample = BootImage.Open(file);
/// Console.WriteLine($"{sample.Kind}, {sample.KernelVersion}");
/// </code></example>
public static class SampleGuest
{
    private const byte ShortJump = 0xeb;
    private const int CommandLineLength = 2047;

    private static ReadOnlySpan<byte> VersionText => "1.0.0-sample (bootproto) #1 sample guest that reports how it was started\0"u8;

    /// <summary>Makes the image; every call gives the same bytes.</summary>
    /// <param name="word">The word size of its kernel.</param>
    public static byte[] Create(WordSize word)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        byte[] unpacked = [.. kernel.Elf.Span, .. kernel.RelocationBytes.Span];
        byte[] payload = Lz4Payload.Pack(unpacked);
        int partSize = Align(ImageLayout.Payload + payload.Length + sizeof(uint), ImageLayout.ParagraphSize);
        LinkedGuest guest = kernel.Guest;
        var plan = new UnpackerPlan
        {
            Word = word,
            PartSize = partSize,
            BlockSize = payload.Length - Lz4Payload.HeadSize - sizeof(uint),
            UnpackedSize = unpacked.Length,
            Segments = Segments(ElfFile.Open(KernelBytes.FromMemory(kernel.Elf))),
            Entry = guest.OffsetOf(word == WordSize.Bits64 ? GuestEntry.Linux64 : GuestEntry.Linux32),
            KernelSize = guest.Size,
        };

        byte[] image = new byte[ImageLayout.SetupSize + partSize];
        Span<byte> part = image.AsSpan(ImageLayout.SetupSize);
        WriteHeader(image.AsSpan(ImageLayout.Header), plan, payload.Length);
        VersionText.CopyTo(image.AsSpan(ImageLayout.VersionText));
        RealModeSetup.Write(image.AsSpan(..ImageLayout.SetupSize));
        new Unpacker(plan).Write(part);
        payload.CopyTo(part[ImageLayout.Payload..]);

        KernelInfo.Author info = KernelInfo.Create(part[ImageLayout.KernelInfo..]);
        info.SizeTotal = (uint)KernelInfo.Layout.Size;
        info.SetupTypeMax = SetupIndirectType.Indirect | (SetupIndirectType)SetupDataType.KexecKho;

        // The kernel stores the CRC without the final inversion, which undoes it once more here.
        uint checksum = ~Crc32.HashToUInt32(image.AsSpan(..^sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(^sizeof(uint)..), checksum);
        return image;
    }

    private static ImmutableArray<UnpackedSegment> Segments(ElfFile kernel)
    {
        ImmutableArray<UnpackedSegment>.Builder segments = ImmutableArray.CreateBuilder<UnpackedSegment>();
        foreach (Segment segment in kernel.LoadSegments)
        {
            int imageOffset = (int)(segment.PhysicalAddress.Value - GuestLayout.PhysicalAddress);
            segments.Add(new UnpackedSegment((int)segment.FileOffset, (int)segment.FileSize, imageOffset, (int)segment.MemorySize));
        }

        return segments.ToImmutable();
    }

    private static void WriteHeader(Span<byte> place, UnpackerPlan plan, int payloadLength)
    {
        SetupHeader.Author header = SetupHeader.Create(place);
        header.SetupSects = ImageLayout.SetupSectors;
        header.Syssize = (uint)(plan.PartSize / ImageLayout.ParagraphSize);
        header.VidMode = VideoMode.Normal;
        header.Jump = (ushort)(ShortJump | ((ImageLayout.SetupCode - ImageLayout.SectorSize - sizeof(ushort)) << 8));
        header.KernelVersion = ImageLayout.VersionText - ImageLayout.SectorSize;
        header.Loadflags = LoadFlags.LoadedHigh;
        header.Code32Start = new Paddr(ImageLayout.LoadAddress);
        header.InitrdAddrMax = int.MaxValue;
        header.KernelAlignment = GuestLayout.Alignment;
        header.RelocatableKernel = 1;
        header.MinAlignment = GuestLayout.AlignmentPower;
        header.Xloadflags = plan.Word == WordSize.Bits64 ? XloadFlags.Kernel64 | XloadFlags.CanBeLoadedAbove4G | XloadFlags.FiveLevel : 0;
        header.CmdlineSize = CommandLineLength;
        header.PayloadOffset = ImageLayout.Payload;
        header.PayloadLength = (uint)payloadLength;
        header.PrefAddress = new Paddr(GuestLayout.PhysicalAddress);
        header.InitSize = (uint)plan.InitSize;
        header.KernelInfoOffset = ImageLayout.KernelInfo;
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
