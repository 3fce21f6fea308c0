using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Fuzz;

/// <summary>An image to change, and where in it structures are: changes go there more often than elsewhere.</summary>
internal sealed record Fixture(string Name, byte[] Image, Range[] Structures)
{
    private static readonly int HeaderOffset = BootImage.SetupHeaderOffset;

    /// <summary>Numbers at which sums and comparisons break.</summary>
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
        0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff0, 0xffffffffffffffff,
    ];

    /// <summary>
    /// The toolkit's own guests as images and as ELF files, the latter also compressed, and what the test kernels' folder has besides kernels.
    /// </summary>
    public static IEnumerable<Fixture> All()
    {
        foreach (WordSize word in new[] { WordSize.Bits32, WordSize.Bits64 })
        {
            string bits = word == WordSize.Bits32 ? "32" : "64";
            byte[] image = SampleGuest.Create(word);
            SetupHeader header = SetupHeader.Parse(image.AsSpan(HeaderOffset));
            int codeOffset = (header.SetupSects + 1) * 512;
            int payload = codeOffset + (int)header.PayloadOffset!.Value;
            int info = codeOffset + (int)header.KernelInfoOffset!.Value;
            yield return new($"image-{bits}", image, [HeaderOffset..(HeaderOffset + 0x80), payload..(payload + 64), info..(info + 32)]);

            SampleKernel kernel = SampleKernel.Link(word);
            byte[] elf = [.. kernel.Elf.Span, .. kernel.RelocationBytes.Span];
            yield return OfElf($"elf-{bits}", elf);
            foreach ((string format, string command) in PackingTool.All)
                yield return new($"elf-{format}-{bits}", Filter.Run(command, elf), [0..40]);
            yield return Stored($"image-stored-{bits}", image, codeOffset, elf);
        }

        string grub = Repository.File("tests", ".cache", "kernels", "grub-xen", "grub-x86_64-xen.bin");
        if (File.Exists(grub))
            yield return OfElf("grub-x86_64-xen", File.ReadAllBytes(grub));
    }

    /// <summary>One to eight changes.</summary>
    public byte[] Mutate(Random random)
    {
        byte[] image = [.. Image];
        for (int changes = 1 << random.Next(4); changes > 0 && image.Length > 0; changes--)
            image = Change(image, random);
        return image;
    }

    private byte[] Change(byte[] image, Random random)
    {
        int place = Place(image.Length, random);
        switch (random.Next(8))
        {
            case 0:
                return image[..random.Next(image.Length + 1)];
            case 1:
                int from = random.Next(image.Length);
                int length = Math.Min(random.Next(1, 256), image.Length - Math.Max(from, place));
                image.AsSpan(from, length).CopyTo(image.AsSpan(place));
                return image;
            case 2:
                image[place] ^= (byte)(1 << random.Next(8));
                return image;
            case 3:
                image[place] = (byte)random.Next(256);
                return image;
            default:
                Span<byte> number = stackalloc byte[8];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(number, Edges[random.Next(Edges.Length)]);
                int size = Math.Min(1 << random.Next(4), image.Length - place);
                number[..size].CopyTo(image.AsSpan(place));
                return image;
        }
    }

    private int Place(int length, Random random)
    {
        if (random.Next(4) > 0)
        {
            Range structure = Structures[random.Next(Structures.Length)];
            int place = random.Next(structure.Start.Value, structure.End.Value);
            if (place < length)
                return place;
        }

        return random.Next(length);
    }

    private static Fixture OfElf(string name, byte[] elf)
    {
        // The headers at the start, the notes and tables wherever they are: small files, so the whole tail counts.
        int tail = Math.Max(512, elf.Length - 4096);
        return new Fixture(name, elf, [0..64, 52..Math.Min(512, elf.Length), Math.Min(tail, elf.Length - 1)..elf.Length]);
    }

    /// <summary>The image with its ELF file as it is instead of packed: what is changed in there is read, and not lost in unpacking.</summary>
    private static Fixture Stored(string name, byte[] image, int codeOffset, byte[] elf)
    {
        byte[] stored = [.. image, .. elf, .. BitConverter.GetBytes(elf.Length), .. new byte[16]];
        _ = new SetupHeader.Author(stored.AsSpan(HeaderOffset), WordSize.Bits64)
        {
            PayloadOffset = (uint)(image.Length - codeOffset),
            PayloadLength = (uint)(elf.Length + sizeof(uint)),
            Syssize = (uint)((stored.Length - codeOffset) / 16),
        };
        int start = image.Length;
        return new Fixture(name, stored, [HeaderOffset..(HeaderOffset + 0x80), start..(start + 512), (stored.Length - 4096)..stored.Length]);
    }
}
