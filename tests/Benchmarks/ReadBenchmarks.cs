using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BootProtocol.LinuxX86;
using BootProtocol.Xen;

namespace BootProtocol.Benchmarks;

/// <summary>What it costs to read a field: through a generated view, by hand with the same checks, and through a cast with none.</summary>
/// <remarks>Times are for one field. Each round reads several and follows a store, so that nothing is read once for all rounds.</remarks>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ReadBenchmarks
{
    private const int Rounds = 100;
    private const int HeaderOffset = 0x1f1;

    private readonly byte[] _header = new byte[SetupHeader.Layout.Size];
    private readonly byte[] _page = new byte[BootParams.Layout.Size];
    private readonly byte[] _startInfo = new byte[StartInfo.Layout.Size64];

    /// <summary>The variant of the word structure; not a constant, as it is none for those who read an image.</summary>
    private WordSize _word;

    private int _round;

    [GlobalSetup]
    public void Setup()
    {
        SetupHeader.Author header = SetupHeader.Create(_header);
        header.RamdiskSize = 0x123456;
        header.KernelVersion = 0x3000;
        header.CmdLinePtr = new Paddr(0x20000);
        header.InitSize = 0x654321;
        header.InitrdAddrMax = 0x7fffffff;
        BootParams.Create(_page);
        _header.CopyTo(_page.AsSpan(HeaderOffset));
        _word = WordSize.Bits64;
        StartInfo.Create(_startInfo, _word).NrPages = 0x40000;
        Check(UngatedByHand(), UngatedByView(), UngatedByCast(), NestedByHand(), NestedByView(), NestedByCast());
        Check(GatedByHand(), GatedByView(), GatedByCast());
        Check(StandInByHand(), StandInByView());
        Check(WordByHand(), WordByView(), WordByCast());
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("ungated")]
    public ulong UngatedByHand()
    {
        ReadOnlySpan<byte> bytes = _header;
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += HandReads.Ungated(bytes, HeaderOffset);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("ungated")]
    public ulong UngatedByView()
    {
        SetupHeader view = SetupHeader.Parse(_header);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
        {
            sum += (ulong)view.RootFlags + (ulong)view.VidMode + view.RootDev + view.KernelVersion
                + view.Code32Start.Value + view.RamdiskImage.Value + view.RamdiskSize + view.BootsectKludge;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("ungated")]
    public ulong UngatedByCast() => UngatedByCast(_header);

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("gated")]
    public ulong GatedByHand()
    {
        ReadOnlySpan<byte> bytes = _header;
        uint version = HandReads.U16(bytes, 0x206 - HeaderOffset);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += HandReads.Gated(bytes, version, HeaderOffset);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("gated")]
    public ulong GatedByView()
    {
        SetupHeader view = SetupHeader.Parse(_header);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
        {
            sum += (view.HeapEndPtr ?? 0ul) + (view.CmdLinePtr?.Value ?? 0) + (view.KernelAlignment ?? 0) + (view.PayloadOffset ?? 0)
                + (view.PayloadLength ?? 0) + (view.PrefAddress?.Value ?? 0) + (view.InitSize ?? 0) + (view.HandoverOffset ?? 0);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("gated")]
    public ulong GatedByCast()
    {
        ReadOnlySpan<byte> bytes = _header;
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
        {
            SetupHeaderStruct header = MemoryMarshal.Read<SetupHeaderStruct>(bytes);
            if (header.Version >= 0x20b)
            {
                sum += (ulong)header.HeapEndPtr + header.CmdLinePtr + header.KernelAlignment + header.PayloadOffset
                    + header.PayloadLength + header.PrefAddress + header.InitSize + header.HandoverOffset;
            }
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * 4)]
    [BenchmarkCategory("stand-in")]
    public ulong StandInByHand()
    {
        ReadOnlySpan<byte> bytes = _header;
        uint version = HandReads.U16(bytes, 0x206 - HeaderOffset);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += HandReads.StandIn(bytes, version, HeaderOffset);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 4)]
    [BenchmarkCategory("stand-in")]
    public ulong StandInByView()
    {
        SetupHeader view = SetupHeader.Parse(_header);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += (ulong)view.InitrdAddrMax + view.RelocatableKernel + (ulong)view.Xloadflags + view.CmdlineSize;
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("nested")]
    public ulong NestedByHand()
    {
        ReadOnlySpan<byte> bytes = _page;
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += HandReads.Ungated(bytes, 0);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("nested")]
    public ulong NestedByView()
    {
        BootParams view = BootParams.Parse(_page);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
        {
            sum += (ulong)view.Hdr.RootFlags + (ulong)view.Hdr.VidMode + view.Hdr.RootDev + view.Hdr.KernelVersion
                + view.Hdr.Code32Start.Value + view.Hdr.RamdiskImage.Value + view.Hdr.RamdiskSize + view.Hdr.BootsectKludge;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 8)]
    [BenchmarkCategory("nested")]
    public ulong NestedByCast() => UngatedByCast(_page.AsSpan(HeaderOffset));

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds * 4)]
    [BenchmarkCategory("word")]
    public ulong WordByHand()
    {
        ReadOnlySpan<byte> bytes = _startInfo;
        bool isNarrow = _word == WordSize.Bits32;
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += HandReads.Word(bytes, isNarrow);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 4)]
    [BenchmarkCategory("word")]
    public ulong WordByView()
    {
        StartInfo view = StartInfo.Parse(_startInfo, _word);
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
            sum += view.NrPages + view.SharedInfo.Value + view.StoreMfn.Value + view.PtBase.Value;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rounds * 4)]
    [BenchmarkCategory("word")]
    public ulong WordByCast()
    {
        ReadOnlySpan<byte> bytes = _startInfo;
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
        {
            StartInfoStruct info = MemoryMarshal.Read<StartInfoStruct>(bytes);
            sum += info.NrPages + info.SharedInfo + info.StoreMfn + info.PtBase;
        }

        return sum;
    }

    private ulong UngatedByCast(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        for (_round = 0; _round < Rounds; _round++)
        {
            SetupHeaderStruct header = MemoryMarshal.Read<SetupHeaderStruct>(bytes);
            sum += (ulong)header.RootFlags + header.VidMode + header.RootDev + header.KernelVersion
                + header.Code32Start + header.RamdiskImage + header.RamdiskSize + header.BootsectKludge;
        }

        return sum;
    }

    private static void Check(params ReadOnlySpan<ulong> sums)
    {
        if (sums.ContainsAnyExcept(sums[0]))
            throw new InvalidOperationException("The benchmarks of a category do not read the same.");
    }
}
