using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Sample;
using BootProtocol.Stubs;
using BootProtocol.Xen;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>A guest of any layout: its way to start, the segments of its kernel, initial ramdisks, and how much memory it has.</summary>
/// <param name="Way">One of <see cref="Ways"/>.</param>
/// <param name="Segments">For each segment of the kernel: bytes in the file, and more bytes in memory. The sample guest has its own.</param>
/// <param name="Initrds">Sizes of the initial ramdisks, in bytes.</param>
/// <param name="CommandLine">The command line.</param>
/// <param name="Mebibytes">MiB of memory.</param>
internal sealed record TestGuest(string Way, (int Bytes, int More)[] Segments, int[] Initrds, string CommandLine, int Mebibytes)
{
    private const ulong Base = 0x400000;
    private const ulong VirtualBase64 = 0xffffffff80000000;
    private const ulong VirtualBase32 = 0xc0000000;

    /// <summary>The ways to start, with the word size where there are two.</summary>
    public static ImmutableArray<string> Ways { get; } = ["linux64", "linux32", "pvh", "xen-pv 64", "xen-pv 32"];

    /// <summary>Any guest.</summary>
    public static Gen<TestGuest> Any { get; } = Gen.Select(
        Gen.Int[0, Ways.Length - 1].Select(static index => Ways[index]),
        Gen.Select(Gen.Int[0, 9000], Gen.Int[0, 9000]).Array[1, 5],
        Gen.Int[1, 20_000].Array[0, 3],
        Gen.Char['!', '~'].Array[0, 200].Select(static letters => new string(letters)),
        Gen.Int[16, 40],
        static (way, segments, initrds, commandLine, mebibytes) => new TestGuest(way, segments, initrds, commandLine, mebibytes));

    private WordSize Word => Way is "linux32" or "xen-pv 32" ? WordSize.Bits32 : WordSize.Bits64;

    /// <summary>The file of a small guest.</summary>
    public static byte[] Elf(string way)
    {
        using Domain domain = new TestGuest(way, [(5000, 100), (0, 3000), (4097, 0)], [3001], "quiet", 32).Build();
        return ToElf(domain);
    }

    /// <summary>A domain as one file.</summary>
    public static byte[] ToElf(Domain domain)
    {
        using var file = new MemoryStream();
        DomainElf.Write(domain, file);
        return file.ToArray();
    }

    /// <summary>A file of segments of every kind.</summary>
    public static byte[] PhysicalElf()
    {
        using var file = new MemoryStream();
        PvhElf.Write(
            file,
            new Paddr(0x100000),
            [
                new PhysicalSegment(new Paddr(0x100000), Random(5000)),
                new PhysicalSegment(new Paddr(0x200001), Random(1), 4096),
                new PhysicalSegment(new Paddr(0x300000), default, 9),
                new PhysicalSegment(new Paddr(1ul << 32), Random(3)),
            ]);
        return file.ToArray();
    }

    /// <summary>Builds it.</summary>
    public Domain Build()
    {
        using BootImage image = BootImage.Open(Way.StartsWith("linux", StringComparison.Ordinal) ? SampleGuest.Create(Word) : Kernel());
        using Kernel kernel = image.Decompress();
        ulong memory = (ulong)Mebibytes << 20;
        ImmutableArray<ReadOnlyMemory<byte>> initrds = [.. Initrds.Select(static length => (ReadOnlyMemory<byte>)Random(length))];
        return Way switch
        {
            "pvh" => new PvhBuilder { MemorySize = memory, CommandLine = CommandLine, Initrds = initrds }.Build(kernel),
            "linux64" or "linux32" => new LinuxBootBuilder { MemorySize = memory, Mode = Word, CommandLine = CommandLine, Initrds = initrds }.Build(kernel),
            _ => new XenPvBuilder
            {
                MemorySize = memory,
                CommandLine = CommandLine,
                Initrds = initrds,
                Frames = new ShuffledFrames(0x1000, Mebibytes << 8),
                SharedInfoFrame = new Mfn(0x1001),
            }.Build(kernel),
        };
    }

    /// <summary>Bytes in no order, of which the first and the last are not zero: the loss of either shows.</summary>
    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        bytes[0] |= 1;
        bytes[^1] |= 1;
        return bytes;
    }

    /// <summary>A kernel for Xen, PV and PVH, whose segments follow one another with gaps of a page.</summary>
    private byte[] Kernel()
    {
        var elf = new TestElf { Word = Word };
        ulong virtualBase = Word == WordSize.Bits64 ? VirtualBase64 : VirtualBase32;
        ulong at = Base;
        foreach ((int bytes, int more) in Segments.Select((one, index) => index == 0 ? (one.Item1 + 100, one.Item2) : one))
        {
            elf.Add(new TestSegment(SegmentType.Load, bytes == 0 ? [] : Random(bytes))
            {
                Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute,
                PhysicalAddress = at,
                VirtualAddress = virtualBase + at,
                MemorySize = (ulong)(bytes + more),
                Alignment = 4096,
            });
            at += ((ulong)(bytes + more) + 0x1fff) & ~0xffful;
        }

        var notes = new TestNotes().Add("Xen", XenNotes.Number.Loader, "generic").Add("Xen", XenNotes.Number.GuestOs, "test")
            .Add("Xen", XenNotes.Number.XenVersion, "xen-3.0").Add("Xen", XenNotes.Number.PaeMode, "yes").Add("Xen", XenNotes.Number.Phys32Entry, (uint)Base);
        notes = Word == WordSize.Bits64
            ? notes.Add("Xen", XenNotes.Number.VirtBase, virtualBase).Add("Xen", XenNotes.Number.Entry, virtualBase + Base)
            : notes.Add("Xen", XenNotes.Number.VirtBase, (uint)virtualBase).Add("Xen", XenNotes.Number.Entry, (uint)(virtualBase + Base));
        return elf.Add(notes.Segment()).Build();
    }
}
