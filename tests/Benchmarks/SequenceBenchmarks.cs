using BenchmarkDotNet.Attributes;
using BootProtocol.Elf;

namespace BootProtocol.Benchmarks;

/// <summary>What it costs to walk through 10,000 notes: by the generated sequence, and by hand with the same checks.</summary>
[MemoryDiagnoser]
public class SequenceBenchmarks
{
    private byte[] _notes = [];

    /// <summary>Makes notes with names and descriptors of several sizes.</summary>
    [GlobalSetup]
    public void Setup()
    {
        using var stream = new MemoryStream();
        for (int i = 0; i < 10_000; i++)
        {
            byte[] note = new byte[NoteHeader.Layout.Size];
            NoteHeader.Writer header = NoteHeader.Create(note);
            header.NameSize = 4 + (uint)(i % 3);
            header.DescriptorSize = (uint)(i % 21);
            header.Type = (uint)i;
            stream.Write(note);
            stream.Write("GNUxx\0"u8[..(4 + (i % 3))]);
            stream.Write(new byte[-(int)stream.Length & 3]);
            stream.Write(new byte[i % 21]);
            stream.Write(new byte[-(int)stream.Length & 3]);
        }

        _notes = stream.ToArray();
        if (ByHand() != BySequence())
            throw new InvalidOperationException("The two walks differ.");
    }

    /// <summary>By hand.</summary>
    [Benchmark(Baseline = true)]
    public ulong ByHand() => HandReads.SumNotes(_notes);

    /// <summary>By the generated sequence.</summary>
    [Benchmark]
    public ulong BySequence()
    {
        ulong sum = 0;
        foreach (ElfNote note in ElfNotes.Parse(_notes).Notes)
            sum += note.Header.Type + (uint)note.Owner.Length + (uint)note.Descriptor.Length;
        return sum;
    }
}
