using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.OwnSpecs.Demo;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Parsing, reading and writing of every kind of field takes no memory.</summary>
public sealed class AllocationTests
{
    private static readonly byte[] _header = Made(SetupHeader.Layout.Size, bytes => SetupHeader.Create(bytes));
    private static readonly byte[] _zeroPage = Made(BootParams.Layout.Size, MakeZeroPage);
    private static readonly byte[] _gated = Made(Gated.Layout.Size, bytes => Gated.Create(bytes));
    private static readonly byte[] _plain = Made(Plain.Layout.Size, bytes => Plain.Create(bytes));
    private static readonly byte[] _arrays = Made(Arrays.Layout.Size, bytes => Arrays.Create(bytes).Used = 4);
    private static readonly byte[] _words = Made(Words.Layout.Size64, bytes => Words.Create(bytes, WordSize.Bits64).Count = 3);
    private static readonly byte[] _startInfo = Made(StartInfo.Layout.Size64, bytes => StartInfo.Create(bytes, WordSize.Bits64));
    private static readonly byte[] _program = Made(ProgramHeader.Layout.Size64, bytes => ProgramHeader.Create(bytes, WordSize.Bits64));

    public static TheoryData<string> Kinds => [.. _reads.Keys];

    private static readonly Dictionary<string, Func<ulong>> _reads = new()
    {
        ["parse"] = () => SetupHeader.TryParse(_header, out SetupHeader header, out _) ? (ulong)header.AsSpan().Length : 0,
        ["number"] = () => SetupHeader.Parse(_header).RamdiskSize,
        ["number with a stand-in for 0"] = () => SetupHeader.Parse(_header).SetupSects,
        ["gated number"] = () => SetupHeader.Parse(_header).InitSize ?? 0,
        ["number with a stand-in"] = () => SetupHeader.Parse(_header).InitrdAddrMax,
        ["gated address"] = () => SetupHeader.Parse(_header).PrefAddress?.Value ?? 0,
        ["version"] = () => SetupHeader.Parse(_header).Version.Raw,
        ["flags"] = () => (ulong)SetupHeader.Parse(_header).Loadflags,
        ["field of bits"] = () => (ulong)SetupHeader.Parse(_header).TypeOfLoader.GetId(),
        ["enumeration"] = () => (ulong)SetupHeader.Parse(_header).VidMode,
        ["nested structure"] = () => BootParams.Parse(_zeroPage).Hdr.CmdlineSize,
        ["counted structures"] = () => SumOfMap(BootParams.Parse(_zeroPage)),
        ["signed number"] = () => unchecked((ulong)Plain.Parse(_plain).S16),
        ["text"] = () => (ulong)Plain.Parse(_plain).Text.Length,
        ["bytes"] = () => Plain.Parse(_plain).Bytes[2],
        ["gated structure"] = () => Gated.Parse(_gated).TryGetEnds(out Pair pair) ? pair.B : 1ul,
        ["gated list"] = () => Gated.Parse(_gated).TryGetMarks(out ValueList<byte> marks) ? marks[1] : 1ul,
        ["counted numbers"] = () => SumOfNumbers(Arrays.Parse(_arrays)),
        ["word"] = () => Words.Parse(_words, WordSize.Bits64).Word,
        ["counted words"] = () => Words.Parse(_words, WordSize.Bits64).List[2],
        ["word structures"] = () => Words.Parse(_words, WordSize.Bits64).Pairs[1].A,
        ["word structure"] = () => StartInfo.Parse(_startInfo, WordSize.Bits64).TryGetConsoleDomu(out DomuConsole console) ? console.Mfn.Value : 0,
        ["long text"] = () => (ulong)StartInfo.Parse(_startInfo, WordSize.Bits64).CmdLine.Length,
        ["two places"] = () => (ulong)ProgramHeader.Parse(_program, WordSize.Bits64).Flags,
        ["write"] = Write,
        ["write a text"] = () =>
        {
            StartInfo.Edit(_startInfo, WordSize.Bits64).SetCmdLine("console=hvc0");
            return 0;
        },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_allocated(string kind)
    {
        Func<ulong> read = _reads[kind];
        ulong sum = read() + read();
        long least = long.MaxValue;

        // What the runtime itself allocates while it compiles a method anew comes once; what a read allocates comes in every round.
        for (int round = 0; round < 5 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
                sum += read();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.InRange(sum, 0ul, ulong.MaxValue);
    }

    private static ulong Write()
    {
        BootParams.Writer writer = BootParams.Edit(_zeroPage);
        writer.AltMemK = 1;
        writer.AcpiRsdpAddr = new Paddr(0xe0000);
        writer.SetEddMbrSigBuffer(3, 4);
        writer.GetE820Table(1).Size = 0x1000;
        SetupHeader.Writer header = writer.Hdr;
        header.RamdiskImage = new Paddr(0x1000000);
        return 0;
    }

    private static ulong SumOfMap(BootParams parameters)
    {
        ulong sum = 0;
        foreach (BootE820Entry entry in parameters.E820Table)
            sum += entry.Size + (ulong)entry.Type;
        return sum + (ulong)parameters.E820Table.Count;
    }

    private static ulong SumOfNumbers(Arrays arrays)
    {
        ulong sum = 0;
        foreach (ushort number in arrays.Numbers)
            sum += number;
        foreach (DemoKind kind in arrays.Kinds)
            sum += (ulong)kind;
        return sum + arrays.Places[1].Value;
    }

    private static void MakeZeroPage(byte[] bytes)
    {
        BootParams.Create(bytes).E820Entries = 4;
        SetupHeader.Create(bytes.AsSpan(BootParams.Layout.Offset.Hdr));
    }

    private static byte[] Made(int size, Action<byte[]> make)
    {
        byte[] bytes = new byte[size];
        make(bytes);
        return bytes;
    }
}
