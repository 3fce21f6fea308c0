using BootProtocol.Domains;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.XenControl;
using BootProtocol.Sample;
using BootProtocol.Signatures;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Runtime.Tests.Documentation;

/// <summary>
/// What an example may use without making it: each property here, with a small first letter. Everything is of the sample guest (64 bits), and
/// made when it is asked for; what belongs to Xen is a pretended one's.
/// </summary>
public sealed class ExampleFrame : IDisposable
{
    private const int DomainPages = 4096;

    private static readonly byte[] _sample = SampleGuest.Create(WordSize.Bits64);

    private readonly Stack<IDisposable> _made = [];
    private readonly Dictionary<string, object> _values = [];

    /// <summary>A kernel image as a file.</summary>
    public string Path => Get(() =>
    {
        string path = System.IO.Path.Combine(Folder, "vmlinuz");
        File.WriteAllBytes(path, Bytes);
        return path;
    });

    /// <summary>A folder for files of the example's own.</summary>
    public string Folder => Get(() => Keep(new TemporaryFolder()).Path);

    /// <summary>A kernel image as bytes.</summary>
    public byte[] Bytes => Get(() => (byte[])_sample.Clone());

    /// <summary>The image, opened.</summary>
    public BootImage Image => Get(() => Keep(BootImage.Open(Bytes)));

    /// <summary>A unified kernel image that holds the image.</summary>
    public BootImage Unified => Get(() => Keep(BootImage.Open(
        PeFile.Add(PeFile.Stub(), (".linux", Bytes), (".cmdline", "console=ttyS0"u8.ToArray()), (".initrd", new byte[512])))));

    /// <summary>A firmware's list of signatures.</summary>
    public SignatureList List => Get(() => SignatureList.Read(SignatureList.Write(
        [new SignatureListEntry(SignatureListKind.ImageHash, HashFunction.Sha256, new byte[32], Guid.Empty)])));

    /// <summary>The image's kernel.</summary>
    public Kernel Kernel => Get(() => Keep(Image.Decompress()));

    /// <summary>A guest that starts by the 64-bit boot protocol of Linux.</summary>
    public LinuxDomain Linux => Get(() => Keep(new LinuxBootBuilder { MemorySize = 64 << 20 }.Build(Kernel)));

    /// <summary>A guest that starts by PVH.</summary>
    public PvhDomain Pvh => Get(() => Keep(new PvhBuilder { MemorySize = 64 << 20 }.Build(Kernel)));

    /// <summary>A PV guest of Xen.</summary>
    public XenPvDomain Pv => Get(() => Keep(new XenPvBuilder { MemorySize = 16 << 20 }.Build(Kernel)));

    /// <summary>A Xen to control.</summary>
    public Hypervisor Hypervisor => Get(() => Keep(new Hypervisor(new FakeXen())));

    /// <summary>A domain of that Xen: built, and not yet started.</summary>
    public PvDomain Domain => Get(() => PvDomain.Create(
        Hypervisor,
        new PvDomainRequest { Word = WordSize.Bits64, Pages = DomainPages },
        place =>
        {
            using XenPvDomain built = new XenPvBuilder
            {
                MemorySize = DomainPages * 4096UL,
                Target = place.Memory,
                Frames = place.Frames,
                SharedInfoFrame = place.SharedInfo,
                StorePort = place.StorePort,
                ConsolePort = place.ConsolePort,
            }.Build(Kernel);
            return PvDomainStart.Of(built);
        }));

    /// <summary>What an example writes to: its text is checked by nobody, and is no business of the test's own console.</summary>
    public TextWriter Console { get; } = TextWriter.Null;

    public void Dispose()
    {
        while (_made.TryPop(out IDisposable? made))
            made.Dispose();
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        _made.Push(made);
        return made;
    }

    private T Get<T>(Func<T> make, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
        where T : class
    {
        if (!_values.TryGetValue(name, out object? value))
            _values.Add(name, value = make());
        return (T)value;
    }
}
