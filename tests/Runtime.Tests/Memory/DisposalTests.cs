using System.Net.Sockets;
using System.Reflection;
using BootProtocol.Decompress;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Runtime.Tests.XenControl;
using BootProtocol.Sample;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;
using BootProtocol.Xen.Store;

namespace BootProtocol.Runtime.Tests.Memory;

/// <summary>Objects that are used after their disposal, or never disposed.</summary>
public sealed class DisposalTests
{
    private const ulong GuestBytes = 64 << 20;
    private static readonly byte[] _image = SampleGuest.Create(WordSize.Bits64);

    // Each public type that can be disposed, and how to get one; a further one has to be added here.
    private static readonly Dictionary<Type, Func<IDisposable>> _makers = new()
    {
        [typeof(BootImage)] = static () => BootImage.Open(_image),
        [typeof(Kernel)] = static () => BootImage.Open(_image).Decompress(),
        [typeof(DecodedKernel)] = static () => DecodedKernel.Decode(BootImage.Open(_image)),
        [typeof(LoadedFile)] = static () => LoadedFile.Open(new MemoryStream(_image)),
        [typeof(PayloadDecoder)] = static () => PayloadDecoder.Create(PackedImage.Gzip(_image), new PayloadOptions { End = PayloadEnd.Exact }),
        [typeof(GuestMemory)] = GuestMemory.Allocate,
        [typeof(LinuxDomain)] = static () => Build(static kernel => new LinuxBootBuilder { MemorySize = GuestBytes }.Build(kernel)),
        [typeof(PvhDomain)] = static () => Build(static kernel => new PvhBuilder { MemorySize = GuestBytes }.Build(kernel)),
        [typeof(XenPvDomain)] = static () => Build(static kernel => new XenPvBuilder { MemorySize = GuestBytes }.Build(kernel)),
        [typeof(Hypervisor)] = static () => new Hypervisor(new FakeXen()),
        [typeof(StoreClient)] = static () => new StoreClient(new MemoryStream(), static _ => false),
        [typeof(DomainMemory)] = static () => OnXen(static (domain, frames, _) => domain.OpenMemory(frames)),
        [typeof(DomainConsole)] = static () => OnXen(static (domain, frames, port) => DomainConsole.Open(domain, frames[default], port)),
        [typeof(DomainEnd)] = static () => OnXen(static (domain, _, _) => DomainEnd.Open(domain)),
        [typeof(StoreResponder)] = static () => OnXen(static (domain, frames, port) => StoreResponder.Open(domain, frames[default], port, "guest")),
    };

    public static TheoryData<string> Types =>
        [.. PublicTypes.Where(static type => !_makers.Keys.Any(type.IsSubclassOf) && !IsBase(type)).Select(static type => type.FullName!)];

    private static IEnumerable<Type> PublicTypes =>
        from assembly in new[] { typeof(BootImage).Assembly, typeof(Hypervisor).Assembly }
        from type in assembly.GetExportedTypes()
        where type.IsClass && typeof(IDisposable).IsAssignableFrom(type)
        select type;

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_member_of_a_disposed_object_says_so(string name)
    {
        Type type = PublicTypes.Single(type => type.FullName == name);
        IDisposable target = _makers[type]();
        target.Dispose();
        target.Dispose();
        MethodInfo[] members = [.. DisposedMembers.Of(type)];
        Assert.NotEmpty(members);
        Assert.All(members, member => Assert.IsType<ObjectDisposedException>(DisposedMembers.Call(target, member)));
    }

    [Fact]
    public void What_was_read_through_a_disposed_object_says_so()
    {
        var image = BootImage.Open(_image);
        KernelPayload payload = image.FindPayload()!;
        Kernel kernel = image.Decompress();
        BootProtocol.Elf.KernelBytes bytes = kernel.Bytes;
        BootProtocol.Elf.ElfFile elf = kernel.Elf;
        ReadOnlyMemory<byte> all = kernel.DecodeAll();
        using Stream stream = kernel.OpenRead();
        kernel.Dispose();
        Assert.Throws<ObjectDisposedException>(() => all.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => bytes.Read(0, 1).Length);
        Assert.Throws<ObjectDisposedException>(() => elf.Header.Type);
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => new PvhBuilder { MemorySize = GuestBytes }.Build(kernel));

        image.Dispose();
        Assert.Throws<ObjectDisposedException>(() => image.FindPayload());
        Assert.Throws<ObjectDisposedException>(() => image.Decompress());
        Assert.Throws<ObjectDisposedException>(() => payload.Decompress());
        Assert.Throws<ObjectDisposedException>(() => payload.DecompressInto(new byte[1 << 20]));
    }

    /// <summary>The memory of one kernel never shows another one.</summary>
    [Fact]
    public void Memory_that_is_kept_over_disposal_shows_no_other_kernel()
    {
        ReadOnlyMemory<byte> kept;
        using (var image = BootImage.Open(_image))
        using (Kernel kernel = image.Decompress())
            kept = kernel.DecodeAll();
        using var other = BootImage.Open(SampleGuest.Create(WordSize.Bits32));
        using Kernel second = other.Decompress();
        second.DecodeAll();
        Assert.Throws<ObjectDisposedException>(() => kept.Span.Length);
    }

    /// <summary>A span cannot be made invalid. It must neither end the process, nor show what is somebody else's.</summary>
    [Fact]
    public void A_view_that_is_kept_over_disposal_can_be_read()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("image");
        File.WriteAllBytes(path, _image);
        var image = BootImage.Open(path);
        ReadOnlySpan<byte> bytes = image.Bytes;
        Kernel kernel = image.Decompress();
        ReadOnlySpan<byte> decoded = kernel.DecodeAll().Span;
        byte[] own = decoded.ToArray();
        PvhDomain domain = new PvhBuilder { MemorySize = GuestBytes }.Build(kernel);
        Span<byte> guest = domain.Memory.Slice(domain.StartInfoAddress, 8).Span;
        domain.Dispose();
        kernel.Dispose();
        image.Dispose();
        for (int i = 0; i < 4; i++)
            GC.Collect();
        Assert.Equal(_image.Length, bytes.Length);
        AssertOwnOrZero(_image, bytes);
        AssertOwnOrZero(own, decoded);
        guest.Fill(1);
    }

    [Fact]
    public void A_view_of_a_domain_that_nobody_holds_stays_as_it_is()
    {
        Xen.HvmStartInfo info = ((PvhDomain)_makers[typeof(PvhDomain)]()).StartInfo;
        for (int i = 0; i < 4; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0x336e_c578u, info.Magic);
    }

    [Fact]
    public void A_file_that_is_cut_later_is_as_it_was()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("image");
        File.WriteAllBytes(path, _image);
        using var image = BootImage.Open(path);
        using LoadedFile file = LoadedFile.Open(path);
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(1);
        Assert.Equal(_image, image.Bytes.ToArray());
        Assert.Equal(_image, file.Memory.ToArray());
    }

    [Fact]
    public void Disposal_from_several_threads_is_one()
    {
        foreach ((Type type, Func<IDisposable> make) in _makers)
        {
            for (int i = 0; i < 20; i++)
            {
                IDisposable target = make();
                using var barrier = new Barrier(2);
                Exception?[] faults = new Exception?[2];
                var threads = new Thread[2];
                for (int n = 0; n < threads.Length; n++)
                {
                    int own = n;
                    threads[n] = new Thread(() =>
                    {
                        barrier.SignalAndWait();
                        faults[own] = Record.Exception(target.Dispose);
                    });
                    threads[n].Start();
                }

                foreach (Thread thread in threads)
                    thread.Join();
                Assert.All(faults, fault => Assert.True(fault is null, $"{type}: {fault}"));
            }
        }
    }

    private static bool IsBase(Type type) => type.IsAbstract && PublicTypes.Any(other => other.IsSubclassOf(type)) && !_makers.ContainsKey(type);

    private static void AssertOwnOrZero(ReadOnlySpan<byte> own, ReadOnlySpan<byte> seen)
    {
        for (int i = 0; i < seen.Length; i++)
            Assert.True(seen[i] == 0 || seen[i] == own[i], $"byte {i}");
    }

    private static Domain Build(Func<Kernel, Domain> build)
    {
        using var image = BootImage.Open(_image);
        using Kernel kernel = image.Decompress();
        return build(kernel);
    }

    private static T OnXen<T>(Func<XenDomain, DomainFrames, uint, T> open)
    {
        var domain = XenDomain.Create(new Hypervisor(new FakeXen()), new DomainLimits());
        DomainFrames frames = domain.Populate(1);
        return open(domain, frames, domain.AllocatePort("xenstore"));
    }
}
