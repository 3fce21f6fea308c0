using BootProtocol.Decompress;
using BootProtocol.Fuzz.Peers;
using BootProtocol.Fuzz.Readers;

namespace BootProtocol.Fuzz;

/// <summary>A kind of input, and what reads it.</summary>
/// <param name="Name">The name of its corpus.</param>
/// <param name="Reader">Reads an input; whatever the bytes, it throws nothing.</param>
/// <param name="Structures">Where in an input structures are: changes go there more often than elsewhere.</param>
/// <param name="Seeds">Inputs to start from beside the corpus, too large to be in it.</param>
internal sealed record Target(string Name, Action<byte[], Facts> Reader, Func<byte[], Range[]> Structures, Func<IEnumerable<byte[]>> Seeds)
{
    /// <summary>The format of its inputs, if they are compressed streams.</summary>
    public PayloadFormat? Format { get; private init; }

    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    /// <summary>All targets.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("image", ImageReader.Read, Places.OfImage, Fuzz.Seeds.Images),
        new("elf", ImageReader.Read, Places.OfElf, Fuzz.Seeds.ElfFiles),
        new("pe", ImageReader.Read, Places.OfPe, Fuzz.Seeds.None),
        new("notes", NoteSegmentReader.Read, Places.Anywhere, Fuzz.Seeds.None),
        .. Enum.GetValues<PayloadFormat>().Where(static format => format != PayloadFormat.None).Select(OfFormat),
        new("description", DescriptionReader.Read, Places.Anywhere, Fuzz.Seeds.None),
        new("kallsyms", SymbolReader.Read, Places.OfStream, Fuzz.Seeds.None),
        new("rust", SymbolReader.ReadName, Places.Anywhere, Fuzz.Seeds.None),
        new("btf", TypeReader.Read, Places.OfStream, Fuzz.Seeds.None),
        new("saved", SavedReader.Read, Places.Anywhere, Fuzz.Seeds.SavedDomains),
        OfDomain(WordSize.Bits32),
        OfDomain(WordSize.Bits64),
    ];

    /// <summary>Reads an input.</summary>
    /// <returns>What the library says of it.</returns>
    /// <exception cref="FindingException">Something else than a result or the one exception, or too late.</exception>
    public Facts Read(byte[] input)
    {
        var facts = new Facts();
        // Processor time: what a busy machine takes away is not this input's.
        TimeSpan start = Environment.CpuUsage.TotalTime;
        SlowInputs.Begin(this, input);
        try
        {
            Reader(input, facts);
        }
        catch (Exception unexpected)
        {
            throw new FindingException(this, input, unexpected.ToString());
        }
        finally
        {
            SlowInputs.End();
        }

        TimeSpan taken = Environment.CpuUsage.TotalTime - start;
        return taken <= _longest ? facts : throw new FindingException(this, input, $"took {taken.TotalMilliseconds} ms");
    }

    /// <summary>Compares what comes of a stream with what the format's own library makes of it.</summary>
    /// <exception cref="FindingException">The two differ.</exception>
    public void Compare(PayloadFormat format, byte[] stream)
    {
        try
        {
            PeerComparison.Compare(format, stream);
        }
        catch (InvalidOperationException difference)
        {
            throw new FindingException(this, stream, difference.Message);
        }
    }

    /// <summary>Reads an input once more, which has to give the same.</summary>
    /// <exception cref="FindingException">It does not, or as for <see cref="Read"/>.</exception>
    public void ReadAgain(byte[] input, Facts facts)
    {
        string first = facts.ToString();
        string second = Read(input).ToString();
        if (first != second)
            throw new FindingException(this, input, $"reads otherwise the second time:\n{first}\n{second}");
    }

    private static Target OfFormat(PayloadFormat format) =>
        new(format.ToString().ToLowerInvariant(), (stream, facts) => PayloadReader.Read(format, stream, facts), Places.OfStream, Fuzz.Seeds.None)
        {
            Format = format,
        };

    private static Target OfDomain(WordSize word)
    {
        var reader = new Lazy<DomainReader>(() => new DomainReader(word));
        return new($"domain{(int)word}", (records, facts) => reader.Value.Read(records, facts), Places.Anywhere, Fuzz.Seeds.None);
    }
}
