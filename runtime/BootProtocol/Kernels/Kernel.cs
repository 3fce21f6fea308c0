using System.Collections.Immutable;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Symbols;

namespace BootProtocol.Kernels;

/// <summary>The kernel that an image holds, decoded as far as it is asked for.</summary>
/// <remarks>
/// Headers stand at the front, notes in the midst of most kernels, and cost no more than what is decoded up to them. Sections,
/// relocations and the configuration stand at the end; a caller that needs these, or everything, calls <see cref="DecodeAll"/> first:
/// formats with independent blocks then use all cores. The image must stay open as long as the kernel is used. Bytes that are no kernel end with
/// <see cref="BootFormatException"/>, and nothing else. A kernel is for one thread at a time, but may be disposed from several. What is
/// to be decoded once for many domains is a <see cref="DecodedKernel"/>.
/// </remarks>
/// <example><code>
/// using Kernel decoded = image.Decompress();
/// Console.WriteLine($"PVH entry {decoded.Notes.Xen.Phys32Entry}: {decoded.DecodedLength} of {decoded.Length} bytes decoded for that");
/// using Stream stream = decoded.OpenRead();
/// Console.WriteLine(stream.Length);
/// </code></example>
public sealed class Kernel : IDisposable
{
    private readonly Limits _limits;
    private readonly KernelPayload _payload;
    private readonly KernelBytes _bytes;
    private readonly DecodedKernelBytes? _decoded;
    private readonly SharedKernelBytes? _shared;
    private readonly IProgress<long>? _progress;
    private readonly CancellationToken _cancellation;
    private ElfFile? _elf;
    private RelocationTable? _relocations;
    private bool _hasReadRelocations;
    private byte[]? _configuration;
    private bool _hasReadConfiguration;
    private KernelSymbols? _symbols;
    private bool _hasReadSymbols;
    private ImmutableArray<BootWayCheck> _ways;
    private int _isDisposed;

    internal Kernel(
        KernelPayload payload,
        Limits limits,
        DecodedKernelBytes? decoded,
        IProgress<long>? progress = null,
        CancellationToken cancellation = default)
    {
        _limits = limits;
        _progress = progress;
        _cancellation = cancellation;
        _decoded = decoded;
        _payload = payload;
        _bytes = (KernelBytes?)decoded ?? new MemoryKernelBytes(payload.Bytes);
    }

    /// <summary>Opens a kernel that is decoded already.</summary>
    internal Kernel(KernelPayload payload, Limits limits, SharedKernelBytes shared)
    {
        _limits = limits;
        _payload = payload;
        _shared = shared;
        _bytes = shared;
    }

    /// <summary>Where the image holds it, and how it is packed.</summary>
    public KernelPayload Payload => Live._payload;

    /// <summary>Its bytes, with what its build appended to the ELF file. They are decoded up to where they are read.</summary>
    public KernelBytes Bytes => Live._bytes;

    /// <summary>Its size in bytes: as the payload states it until all is decoded, which proves it.</summary>
    public int Length => (int)Bytes.Length;

    /// <summary>Bytes decoded so far.</summary>
    public int DecodedLength => Live._decoded?.Position ?? Length;

    /// <summary>Whether it is an ELF file; kernels of protocols before 2.08 can be plain memory contents.</summary>
    /// <exception cref="BootFormatException">Its beginning cannot be decoded.</exception>
    public bool IsElf => Bytes.Read(0, Math.Min(Length, 4)).SequenceEqual("\u007fELF"u8);

    /// <summary>The kernel as an ELF file.</summary>
    /// <exception cref="BootFormatException">It is none, or its headers are broken.</exception>
    public ElfFile Elf => Live._elf ??= ElfFile.Open(Bytes, _limits);

    /// <summary>Its notes.</summary>
    /// <exception cref="BootFormatException">As for <see cref="Elf"/>.</exception>
    public NoteTable Notes => Elf.Notes;

    /// <summary>The relocation lists that its build appended; null if there are none.</summary>
    /// <remarks>Behind an ELF file that is an image itself may be anything, so what is no such list there counts as none.</remarks>
    /// <exception cref="BootFormatException">The sections are broken, or in a Linux image what is appended is no such list.</exception>
    public RelocationTable? Relocations
    {
        get
        {
            if (!Live._hasReadRelocations)
            {
                _relocations = ReadRelocations();
                _hasReadRelocations = true;
            }

            return _relocations;
        }
    }

    /// <summary>The text of its build configuration; null if it does not carry one.</summary>
    /// <exception cref="BootFormatException">It has a beginning, but is broken or too long.</exception>
    public ReadOnlyMemory<byte>? Configuration
    {
        get
        {
            if (!Live._hasReadConfiguration)
            {
                DecodeAll();
                _configuration = EmbeddedConfiguration.Read(Bytes, _limits);
                _hasReadConfiguration = true;
            }

            return _configuration is { } text ? new ReadOnlyMemory<byte>?(text) : null;
        }
    }

    /// <summary>
    /// The symbols that it has for its own messages; null if it was built without them (<c>CONFIG_KALLSYMS</c>). This decodes it to its end.
    /// </summary>
    /// <exception cref="BootFormatException">Their table is broken, or as for <see cref="Elf"/>.</exception>
    public KernelSymbols? Symbols
    {
        get
        {
            if (!Live._hasReadSymbols)
            {
                DecodeAll();
                _symbols = KernelSymbols.Read(Elf);
                _hasReadSymbols = true;
            }

            return _symbols;
        }
    }

    /// <summary>The ways to start it, and why not by others.</summary>
    /// <exception cref="BootFormatException">Its beginning cannot be decoded, or is a broken ELF header.</exception>
    public ImmutableArray<BootWayCheck> BootWays => Live._ways.IsDefault ? _ways = FindWays() : _ways;

    /// <summary>The text of its banner, "Linux version ...", without its line end; null if it has none. This decodes it to its end.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    public string? Banner
    {
        get
        {
            DecodeAll();
            return KernelBanner.Find(Bytes);
        }
    }

    /// <summary>Decodes all of it, on all cores where the format allows, and checks that it has the size that the payload states.</summary>
    /// <returns>All bytes; valid until the kernel is disposed.</returns>
    /// <exception cref="BootFormatException">It cannot be decoded, or has another size than the payload states.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public ReadOnlyMemory<byte> DecodeAll() => Live._decoded?.ReadAll() ?? _shared?.All ?? Payload.Bytes;

    /// <summary>
    /// Opens it as a file of <see cref="Length"/> bytes, for readers that take streams. It is decoded as far as it is read; a seek by
    /// itself decodes nothing. Streams of one kernel have each a position of their own, but are for one thread at a time together.
    /// </summary>
    /// <returns>A stream that can be read and sought, and that needs the kernel to stay open; to close it does nothing to the kernel.</returns>
    /// <remarks>Its reads throw <see cref="BootFormatException"/> where the kernel cannot be decoded.</remarks>
    public Stream OpenRead() => new KernelStream(Bytes);

    /// <summary>
    /// Gives up the decoder and its memory: from then on every other member throws <see cref="ObjectDisposedException"/>, and so does all
    /// that was read through it and has to be decoded further. Any thread may do so.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _decoded?.Dispose();
        _shared?.Close();
        (_bytes as MemoryKernelBytes)?.Close();
    }

    /// <summary>Decodes all of it once more, from its first byte, to another place.</summary>
    /// <param name="destination">Where it goes; it may be longer than the kernel.</param>
    /// <returns>The kernel, as it stands there.</returns>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    /// <exception cref="BootRequestException">The destination is too short.</exception>
    internal Kernel DecodeAgain(Memory<byte> destination) => Payload.DecompressInto(destination, _limits, _progress, _cancellation);

    private Kernel Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return this;
        }
    }

    /// <summary>A kernel that is no ELF file can only be entered by its image's own code.</summary>
    private ImmutableArray<BootWayCheck> FindWays() =>
        IsElf ? Rules.BootWays.Of(Elf, Payload.Image.HasSetupHeader) : ImageBootRules.Judge(Payload);

    private RelocationTable? ReadRelocations()
    {
        DecodeAll();
        if (Payload.Image.IsLinux)
            return RelocationTable.Read(Elf);
        try
        {
            return RelocationTable.Read(Bytes, Elf.EndOfFile, Elf.Word);
        }
        catch (BootFormatException)
        {
            return null;
        }
    }
}
