using System.Text;
using BootProtocol.Hashes;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>A part of a unified kernel image.</summary>
/// <example><code>
/// if (unified.UnifiedKernel!.Profiles[0].Find(".cmdline") is { IsText: true } section)
///     Console.WriteLine(section.Text);
/// </code></example>
public sealed class UnifiedKernelSection
{
    private static readonly string[] _parts =
    [
        ".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".dtbauto", ".hwids", ".efifw", ".uname", ".sbat",
        ".pcrsig", ".pcrpkey", ".profile",
    ];

    private static readonly string[] _texts = [".osrel", ".cmdline", ".uname", ".sbat", ".pcrsig", ".pcrpkey", ".profile"];

    /// <summary>
    /// How many zeros are measured of an image, behind what is stored of its sections, for each byte of its file: kernels of Linux take some ten
    /// times as much memory.
    /// </summary>
    private const long MostZeros = 32;

    private const int ZeroBlock = 1 << 16;

    private readonly long _zeros;
    private readonly byte[]?[] _hashes = new byte[]?[HashFunctions.Names.Length];

    private UnifiedKernelSection(string name, SectionHeader header, ReadOnlyMemory<byte> bytes, int? profile, ParseError fault)
    {
        Name = name;
        Offset = header.DataAddr;
        IsMeasured = header.VirtualSize > 0;
        _zeros = Math.Max(0, (long)header.VirtualSize - header.RawDataSize);
        Bytes = bytes;
        Profile = profile;
        Fault = fault;
    }

    /// <summary>The name, such as <c>.linux</c>.</summary>
    public string Name { get; }

    /// <summary>The file offset of its contents, in bytes.</summary>
    public long Offset { get; }

    /// <summary>Bytes of its contents, without the padding of the file.</summary>
    public int Length => Bytes.Length;

    /// <summary>The contents, as far as they lie in the file: see <see cref="Fault"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Why a part of the contents is missing: they do not lie in the file. Without an error if they do.</summary>
    public ParseError Fault { get; }

    /// <summary>The number of the profile that it belongs to; null if it is common to all.</summary>
    public int? Profile { get; }

    /// <summary>Whether the contents are text.</summary>
    public bool IsText => _texts.Contains(Name);

    /// <summary>The contents as UTF-8 text, up to the first NUL.</summary>
    public string Text
    {
        get
        {
            ReadOnlySpan<byte> bytes = Bytes.Span;
            int end = bytes.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }
    }

    /// <summary>Whether the stub measures it: it takes what the section has in memory, and nothing where the header says that this is nothing.</summary>
    internal bool IsMeasured { get; }

    /// <summary>Zeros that are measured of this section and those before it in the image.</summary>
    internal long ZerosSoFar { get; private set; }

    private long MaximumZeros { get; init; }

    /// <summary>
    /// The hash of what it is in memory: the contents, and zeros where it has more bytes there than in the file. Computed once, though the section
    /// may be part of many profiles.
    /// </summary>
    /// <exception cref="BootFormatException">The image has too many zeros in memory.</exception>
    internal byte[] Hash(HashFunction function) => _hashes[(int)function] ??= Compute(function);

    /// <summary>Checks that all of the contents are there.</summary>
    /// <exception cref="BootFormatException">They do not lie in the file.</exception>
    internal void Require()
    {
        if (Fault.IsError)
            throw Fault.ToException();
    }

    /// <summary>Whether a section of this name is a part of a unified kernel image, and none of the EFI program that starts it.</summary>
    internal static bool IsPart(string name) => _parts.Contains(name);

    /// <summary>Reads a section.</summary>
    internal static UnifiedKernelSection Read(
        ReadOnlyMemory<byte> file, string name, SectionHeader header, int profile, UnifiedKernelSection? before = null)
    {
        // What is stored is rounded up to the alignment of the file; the size in memory is that of the contents.
        long length = header.VirtualSize == 0 ? header.RawDataSize : Math.Min(header.VirtualSize, header.RawDataSize);
        long there = Math.Clamp(file.Length - header.DataAddr, 0, length);
        ParseError fault = there == length ? default : new ParseError(
            BootErrorCode.OutOfBounds,
            $"section {name}",
            "data_addr",
            null,
            FormattableString.Invariant($"a place inside a file of {file.Length} bytes"),
            FormattableString.Invariant($"{length} bytes at offset 0x{header.DataAddr:x}"));
        ReadOnlyMemory<byte> bytes = there == 0 ? default : file.Slice((int)header.DataAddr, (int)there);
        var section = new UnifiedKernelSection(name, header, bytes, profile < 0 ? null : profile, fault) { MaximumZeros = MostZeros * file.Length };
        section.ZerosSoFar = (before?.ZerosSoFar ?? 0) + section._zeros;
        return section;
    }

    private byte[] Compute(HashFunction function)
    {
        if (_zeros == 0)
            return HashFunctions.Hash(function, Bytes.Span);
        if (ZerosSoFar > MaximumZeros)
        {
            throw new BootFormatException(
                BootErrorCode.TooLarge,
                $"section {Name}",
                "virtual_size",
                null,
                FormattableString.Invariant($"at most {MaximumZeros} bytes in memory more than in the file, to be measured with all sections before"),
                FormattableString.Invariant($"{ZerosSoFar}"));
        }

        RunningHash hash = HashFunctions.Create(function);
        hash.Add(Bytes.Span);
        byte[] block = new byte[(int)Math.Min(_zeros, ZeroBlock)];
        for (long left = _zeros; left > 0; left -= block.Length)
            hash.Add(block.AsSpan(0, (int)Math.Min(left, block.Length)));
        return hash.Finish();
    }
}
