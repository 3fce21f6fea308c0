using System.Buffers.Binary;
using System.Collections.Concurrent;
using BootProtocol.Memory;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Sample;
using BootProtocol.Testing;
using BootProtocol.Verify;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Verify;

/// <summary>A domain that Xen's own builder laid out, to be verified, and to be broken before.</summary>
internal sealed class OracleDomain : IDisposable
{
    private const ulong FirstMachineFrame = 0x100000;
    private static readonly ConcurrentDictionary<(string Kernel, int Mebibytes, int Initrd), Lazy<OracleRun>> _runs = new();

    private OracleDomain(OracleRun run, int mebibytes)
    {
        Word = run.Vcpu.Length == 5168 ? WordSize.Bits64 : WordSize.Bits32;
        Memory = GuestMemory.Allocate();
        Memory<byte> bytes = Memory.Claim(new Paddr(0), run.Memory.Length - X86Page.Size);
        run.Memory.AsSpan(..^X86Page.Size).CopyTo(bytes.Span);
        SharedInfo = run.Memory[^X86Page.Size..];
        Context = [.. run.Vcpu];
        Image = With((ulong)mebibytes * 256);
        Run = run;
    }

    public OracleRun Run { get; }

    public WordSize Word { get; }

    public GuestMemory Memory { get; }

    public byte[] Context { get; }

    public byte[] SharedInfo { get; }

    public XenPvImage Image { get; }

    /// <summary>Has a kernel laid out: one of Debian's or GRUB's, or <c>sample-32</c>, <c>sample-64</c>.</summary>
    public static OracleDomain Build(string kernel, int mebibytes, int initrd)
    {
        // Whichever test comes first: what is laid out already needed as much.
        bool isFetched = !kernel.StartsWith("sample-", StringComparison.Ordinal);
        NeedsAttribute.Check(isFetched ? Need.Kernels : Need.Tools, kernel);
        Lazy<OracleRun> run = _runs.GetOrAdd((kernel, mebibytes, initrd), static key => new(() => Start(key.Kernel, key.Mebibytes, key.Initrd)));
        return new OracleDomain(run.Value, mebibytes);
    }

    /// <summary>The domain with another size than it has, or taken for one of the other word size.</summary>
    public XenPvImage With(ulong frameCount, WordSize? word = null) => new()
    {
        Word = word ?? Word,
        Memory = Memory,
        FrameCount = frameCount,
        Frames = new ContiguousFrames(new Mfn(FirstMachineFrame)),
        Context = Context,
        SharedInfo = SharedInfo,
    };

    /// <summary>The bytes of a page.</summary>
    public Span<byte> Page(ulong frame) => Memory.Slice(new Paddr(frame * X86Page.Size), X86Page.Size).Span;

    /// <summary>The address of the first instruction.</summary>
    public ulong InstructionPointer => Registers.Rip ?? Registers.Eip!.Value;

    /// <summary>Where the stack starts.</summary>
    public ulong StackPointer => Registers.Rsp ?? Registers.Esp!.Value;

    /// <summary>The frame of the page table of a level that has an address, and where in it the address's entry is, in bytes.</summary>
    public (ulong Frame, int Place) FindEntry(int level, ulong address)
    {
        ulong frame = Run.Number("pgtables_seg", "pfn");
        for (int at = Word == WordSize.Bits64 ? 4 : 3; ; at--)
        {
            int place = (int)((address >> (12 + (9 * (at - 1)))) & 0x1ff) * sizeof(ulong);
            if (at == level)
                return (frame, place);
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(Page(frame)[place..]);
            frame = ((entry >> 12) & ((1ul << 40) - 1)) - FirstMachineFrame;
        }
    }

    public void Dispose() => Memory.Dispose();

    private CpuUserRegs Registers => VcpuGuestContext.Parse(Context, Word).UserRegs;

    private static OracleRun Start(string kernel, int mebibytes, int initrd)
    {
        using var folder = new TemporaryFolder();
        string image = kernel switch
        {
            "sample-32" => Save(folder, SampleGuest.Create(WordSize.Bits32)),
            "sample-64" => Save(folder, SampleGuest.Create(WordSize.Bits64)),
            _ => DecodedKernels.Image(kernel),
        };
        if (initrd == 0)
            return OracleRun.Start("pv", image, null, "console=hvc0", mebibytes);
        byte[] bytes = new byte[initrd];
        new Random(initrd).NextBytes(bytes);
        File.WriteAllBytes(folder.File("initrd"), bytes);
        return OracleRun.Start("pv", image, folder.File("initrd"), "console=hvc0", mebibytes);
    }

    private static string Save(TemporaryFolder folder, byte[] image)
    {
        File.WriteAllBytes(folder.File("image"), image);
        return folder.File("image");
    }
}
