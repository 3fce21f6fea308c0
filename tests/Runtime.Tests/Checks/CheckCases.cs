using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using BootProtocol.Checks;
using BootProtocol.Cpio;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Checks;

/// <summary>An image that breaks a rule, or what it is to be started with.</summary>
internal sealed record CheckCase(string Rule, byte[] Image, ImageCheckRequest Request);

/// <summary>An image of the tests' own that breaks no rule, and one for each rule that needs nothing but the build, that breaks it.</summary>
internal static class CheckCases
{
    private const ulong Start = 0x1000000;
    private const int PrefAddress = 0x258;
    private const int InitSize = 0x260;
    private const int InitrdAddrMax = 0x22c;
    private const int Alignment = 0x230;
    private const int Relocatable = 0x234;
    private const int XloadFlags = 0x236;

    /// <summary>An initial ramdisk with a program.</summary>
    public static byte[] Initrd => Archive(("init", Program(1)), ("etc/hosts", [1, 2, 3]));

    /// <summary>A bzImage of a 64-bit kernel with an entry for PVH and a configuration.</summary>
    public static byte[] Image => PackedImage.Create(PackedImage.Gzip(Vmlinux()));

    /// <summary>All cases.</summary>
    public static IEnumerable<CheckCase> All()
    {
        var none = new ImageCheckRequest();
        yield return new("image-whole", Image[..^64], none);
        yield return new("kernel-there", PeFile.Stub(), For(CheckTarget.Qemu));
        yield return new("payload-intact", Changed(static image => image[^200] ^= 0xff), none);
        yield return new("x86", PackedImage.Create(PackedImage.Gzip(Vmlinux(machine: (ElfMachine)183))), none);
        yield return new("crc", Changed(static image => image[0x304] ^= 1, hasChecksum: false), none);
        yield return new("protocol-old", TestImages.ZImage(new ProtocolVersion(2, 0)), none);
        yield return new("alignment", Changed(static image => Put(image, Alignment, 0x300000)), none);
        yield return new("pref-address", Changed(static image => Put(image, PrefAddress, 0x1400000)), none);
        yield return new("init-size", Changed(static image => Put(image, InitSize, 16)), none);
        yield return new("elf-file", Image, For(CheckTarget.Firecracker));
        yield return new("qemu-entry", Vmlinux(hasPvh: false), For(CheckTarget.Qemu));
        yield return new("grub-command", Vmlinux(), For(CheckTarget.Grub));
        yield return new("zimage", TestImages.ZImage(new ProtocolVersion(2, 0)), For(CheckTarget.Kexec));
        yield return new("entry-64", Changed(static image => image[XloadFlags] = 0), For(CheckTarget.Kexec));
        yield return new("relocatable", Changed(static image => image[Relocatable] = 0), For(CheckTarget.Kexec));
        yield return new("above-4g", Changed(static image => image[XloadFlags] = 1), For(CheckTarget.Kexec));
        yield return new("efi-stub", Image, For(CheckTarget.Uefi));
        yield return new("pe-sections", Unified(static image => image[..^1024]), For(CheckTarget.Uefi));
        yield return new("pe-processor", Unified(static image => Put16(image, 0x84, 0xaa64)), For(CheckTarget.Uefi));
        yield return new("uki-kernel", PeFile.Add(PeFile.Stub(), (".osrel", "ID=x\n"u8.ToArray())), For(CheckTarget.Uefi));
        yield return new("pe-machine", Unified(static image => Put16(image, 0x84, 0x14c)), For(CheckTarget.Uefi));
        yield return new("nx-compat", Unified(static image => image), For(CheckTarget.Uefi));
        yield return new("uki-uname", Unified(static image => image, (".uname", "6.1.0-other"u8.ToArray())), none);
        yield return new("unsigned", Unified(static image => image), For(CheckTarget.Uefi));
        yield return new("pvh-entry", PackedImage.Create(PackedImage.Gzip(Vmlinux(hasPvh: false))), For(CheckTarget.XenPvh));
        yield return new("pvh-or-bzimage", Vmlinux(hasPvh: false), For(CheckTarget.CloudHypervisor));
        yield return new("xen-pv", Image, For(CheckTarget.XenPv));
        yield return new("initrd-room", Changed(static image => Put(image, InitrdAddrMax, 100)), With(Initrd));
        yield return new("initrd-format", Image, With("a text, and no archive"u8.ToArray()));
        yield return new("initrd-compression", Image, With([.. "BZh91AY&SY"u8, .. new byte[40]]));
        yield return new("initrd-whole", Image, With(Initrd[..^200]));
        yield return new("initrd-word", PackedImage.Create(PackedImage.Gzip(Vmlinux(word: WordSize.Bits32))), With(Archive(("init", Program(2)))));
        yield return new("initrd-init", Image, With(Archive(("sbin/other", Program(2)))));
        yield return new("cmdline-length", Image, Line(new string('x', 3000)));
        yield return new("root", Image, Line("quiet"));
        yield return new("root-driver", Image, Line("root=/dev/vda1 ro"));
        yield return new("console", Vmlinux(), Line("root=/dev/sda1") with { Target = CheckTarget.Firecracker });
    }

    /// <summary>A request with a ramdisk, and the command line that goes with it.</summary>
    public static ImageCheckRequest With(byte[] initrd) => new() { Initrd = initrd, CommandLine = "quiet" };

    /// <summary>An archive of the form newc.</summary>
    public static byte[] Archive(params (string Name, byte[] Contents)[] files) =>
        Archive([.. files.Select(static file => (file.Name, 0x81edu, file.Contents))]);

    /// <summary>An archive of the form newc, with files of any kind.</summary>
    public static byte[] Archive((string Name, uint Mode, byte[] Contents)[] files)
    {
        CpioArchive.Builder archive = CpioArchive.Build(new byte[1 << 16]);
        foreach ((string name, uint mode, byte[] contents) in files.Append(("TRAILER!!!", 0u, [])))
        {
            CpioEntry.Builder entry = CpioEntry.Build(archive.RoomForEntries());
            entry.Fixed().CMode = mode;
            entry.Fixed().CNlink = 1;
            entry.SetName($"{name}\0");
            entry.SetContents(contents);
            archive.AddEntries(entry.Finish());
        }

        return archive.Finish().ToArray();
    }

    /// <summary>A kernel of the tests' own.</summary>
    public static byte[] Vmlinux(
        bool hasPvh = true,
        WordSize word = WordSize.Bits64,
        ElfMachine? machine = null,
        bool hasArchive = true,
        string line = "",
        string? interpreter = null)
    {
        byte[] configuration = PackedImage.Gzip("CONFIG_RD_GZIP=y\nCONFIG_BLK_DEV_SD=y\nCONFIG_VIRTIO_BLK=m\n"u8.ToArray());
        byte[] data = new byte[0x4000];
        byte[] text = [.. "IKCFG_ST"u8, .. configuration, .. "IKCFG_ED"u8];
        text.CopyTo(data, 0x200);
        Encoding.ASCII.GetBytes(line, data.AsSpan(0x1000));
        if (hasArchive)
            Archive(("dev/console", [])).CopyTo(data, 0x2000);
        TestNotes notes = new TestNotes().Add("Linux", 1, "test");
        if (hasPvh)
            notes.Add("Xen", 18, (uint)Start + 0x100);
        var segment = new TestSegment(SegmentType.Load, data)
        {
            PhysicalAddress = Start,
            VirtualAddress = word == WordSize.Bits64 ? 0xffffffff_81000000 : 0xc1000000,
            MemorySize = 0x8000,
        };
        TestElf file = new TestElf { Word = word, Machine = machine, Entry = Start }.Add(segment).Add(notes.Segment());
        if (interpreter is not null)
            file.Add(new TestSegment(SegmentType.Interpreter, Encoding.ASCII.GetBytes($"{interpreter}\0")));
        return file.Build();
    }

    private static byte[] Program(byte wordClass) => [0x7f, (byte)'E', (byte)'L', (byte)'F', wordClass, 1, 1, 0];

    private static ImageCheckRequest For(CheckTarget target) => new() { Target = target };

    private static ImageCheckRequest Line(string text) => new() { CommandLine = text };

    private static byte[] Unified(Func<byte[], byte[]> change, params (string Name, byte[] Bytes)[] more) =>
        change(PeFile.Add(PeFile.Stub(), [(".linux", Image), .. more]));

    private static byte[] Changed(Action<byte[]> change, bool hasChecksum = true)
    {
        byte[] image = Image;
        change(image);
        if (hasChecksum)
            PackedImage.SetChecksum(image);
        return image;
    }

    private static void Put(byte[] image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);

    private static byte[] Put16(byte[] image, int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(offset), value);
        return image;
    }
}
