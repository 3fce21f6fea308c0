using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>A kernel that is decoded once for many domains.</summary>
[Needs(Need.Kernels)]
public sealed class DecodedKernelTests
{
    private const int AtOnce = 8;

    /// <summary>All builders, eight at once: each domain is that of a kernel that was decoded for it alone.</summary>
    [Fact]
    public void Domains_of_one_kernel_are_those_of_their_own()
    {
        using var image = BootImage.Open(DebianKernels.Cloud61);
        byte[][] expected = [.. Enumerable.Range(0, AtOnce).Select(number =>
        {
            using Kernel own = image.Decompress();
            return Contents(number, own);
        })];
        using DecodedKernel once = DecodedKernel.Decode(image);
        using var begin = new Barrier(AtOnce);
        byte[][] found = new byte[AtOnce][];
        Thread[] threads = [.. Enumerable.Range(0, AtOnce).Select(number => new Thread(() =>
        {
            begin.SignalAndWait();
            using Kernel same = once.Open();
            found[number] = Contents(number, same);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        for (int i = 0; i < AtOnce; i++)
            Assert.True(expected[i].AsSpan().SequenceEqual(found[i]), $"domain {i} is another one");
    }

    [Fact]
    public void Opened_kernel_needs_no_decoding_and_shows_what_its_own_shows()
    {
        using var image = BootImage.Open(DebianKernels.Cloud61);
        using Kernel own = image.Decompress();
        using DecodedKernel once = DecodedKernel.Decode(image);
        using Kernel same = once.Open();
        Assert.Equal(once.Length, same.DecodedLength);
        Assert.True(own.DecodeAll().Span.SequenceEqual(same.DecodeAll().Span));
        Assert.Equal(own.Notes.Xen.Entry, same.Notes.Xen.Entry);
        Assert.Equal(own.Relocations!.Offset, same.Relocations!.Offset);
        Assert.Equal(own.Banner, same.Banner);
        Assert.Equal(own.Symbols!.Count, same.Symbols!.Count);
    }

    /// <summary>A file that is its own kernel is shared as it is.</summary>
    [Fact]
    public void Plain_kernel_is_shared_too()
    {
        using var image = BootImage.Open(DebianKernels.Grub64);
        using DecodedKernel once = DecodedKernel.Decode(image);
        using Kernel same = once.Open();
        Assert.True(image.Bytes.SequenceEqual(same.DecodeAll().Span));
        once.Dispose();
        Assert.Throws<ObjectDisposedException>(() => same.DecodeAll());
        Assert.Throws<ObjectDisposedException>(() => same.Bytes.Read(0, 4).ToArray());
    }

    [Fact]
    public void Disposal_of_the_owner_ends_all_kernels_of_it()
    {
        using var image = BootImage.Open(DebianKernels.Cloud61);
        DecodedKernel once = DecodedKernel.Decode(image);
        using Kernel first = once.Open();
        using Kernel second = once.Open();
        second.Dispose();
        Assert.True(first.IsElf);
        Assert.Throws<ObjectDisposedException>(() => second.IsElf);
        once.Dispose();
        once.Dispose();
        Assert.Throws<ObjectDisposedException>(() => once.Length);
        Assert.Throws<ObjectDisposedException>(once.Open);
        Assert.Throws<ObjectDisposedException>(() => first.Length);
        Assert.Throws<ObjectDisposedException>(() => first.DecodeAll());
        Assert.Throws<ObjectDisposedException>(() => new XenPvBuilder { MemorySize = 64 << 20 }.Build(first));
    }

    /// <summary>The bytes are gone in the middle of a copy: the domain is not one of zeros.</summary>
    [Fact]
    public void Disposal_in_the_middle_of_a_build_ends_it()
    {
        using var image = BootImage.Open(DebianKernels.Cloud61);
        DecodedKernel once = DecodedKernel.Decode(image);
        using Kernel same = once.Open();
        _ = same.Elf.LoadSegments;
        var memory = new EndingMemory(once.Dispose);
        Assert.Throws<ObjectDisposedException>(() => new XenPvBuilder { MemorySize = 256 << 20, Target = memory }.Build(same));
        Assert.True(memory.HasEnded);
    }

    [Fact]
    public void Kernel_that_cannot_be_decoded_is_none()
    {
        byte[] broken = File.ReadAllBytes(DebianKernels.Cloud61);
        broken.AsSpan(broken.Length / 2, 4096).Fill(0xff);
        using var image = BootImage.Open(broken);
        Assert.Throws<BootFormatException>(() => DecodedKernel.Decode(image));
        Assert.Throws<ArgumentNullException>(() => DecodedKernel.Decode(null!));
    }

    /// <summary>All that is laid out of a domain, by a builder of each kind in turn.</summary>
    private static byte[] Contents(int number, Kernel kernel)
    {
        string commandLine = $"guest={number}";
        using Domain domain = (number % 3) switch
        {
            0 => new XenPvBuilder { MemorySize = 256 << 20, CommandLine = commandLine }.Build(kernel),
            1 => new PvhBuilder { MemorySize = 256 << 20, CommandLine = commandLine }.Build(kernel),
            _ => new LinuxBootBuilder { MemorySize = 256 << 20, CommandLine = commandLine }.Build(kernel),
        };
        using var all = new MemoryStream();
        foreach (GuestExtent extent in domain.Memory.Extents)
        {
            all.Write(BitConverter.GetBytes(extent.Start.Value));
            all.Write(extent.Memory.Span);
        }

        return all.ToArray();
    }

    /// <summary>Memory whose first claim, that of the kernel's place, has something done.</summary>
    private sealed class EndingMemory(Action action) : GuestMemory
    {
        public bool HasEnded { get; private set; }

        protected override bool Has(Paddr start, long length) => true;

        protected override Memory<byte> Provide(Paddr start, int length)
        {
            if (!HasEnded)
                action();
            HasEnded = true;
            return new byte[length];
        }

        protected override void GiveUp(Paddr start, Memory<byte> memory) => memory.Span.Clear();

        protected override void Dispose(bool disposing)
        {
            // The collector's.
        }
    }
}
