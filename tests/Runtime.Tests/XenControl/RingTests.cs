using System.Runtime.InteropServices;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;
using CsCheck;

namespace BootProtocol.Runtime.Tests.XenControl;

public sealed class RingTests
{
    /// <summary>Offsets in the page as io/console.h gives them: what a guest that was compiled against it would use.</summary>
    private const int OutputStart = 1024;
    private const int OutputSize = 2048;
    private const int OutputConsumer = 3080;
    private const int OutputProducer = 3084;

    [Fact]
    public void Bytes_come_out_as_they_went_in()
    {
        Gen.Select(Gen.UInt, Gen.Int[0, 2500].Array[1, 40], Gen.Int[0, 2500].Array[1, 40]).Sample((start, writes, reads) =>
        {
            byte[] page = new byte[4096];
            BitConverter.TryWriteBytes(page.AsSpan(OutputConsumer), start);
            BitConverter.TryWriteBytes(page.AsSpan(OutputProducer), start);
            var ring = new ByteRing(page, ByteRingLayout.ConsoleOutput);
            var sent = new Queue<byte>();
            byte next = 0;
            for (int turn = 0; turn < Math.Max(writes.Length, reads.Length); turn++)
            {
                byte[] some = [.. Enumerable.Range(0, writes[turn % writes.Length]).Select(_ => next++)];
                int done = ring.Write(some);
                Assert.Equal(Math.Min(some.Length, OutputSize - sent.Count), done);
                foreach (byte part in some[..done])
                    sent.Enqueue(part);
                next -= (byte)(some.Length - done);
                byte[] got = new byte[reads[turn % reads.Length]];
                int count = ring.Read(got);
                Assert.Equal(Math.Min(got.Length, sent.Count), count);
                Assert.All(got[..count], part => Assert.Equal(sent.Dequeue(), part));
            }

            Assert.All(page[..OutputStart], part => Assert.Equal(0, part));
        });
    }

    [Fact]
    public void What_a_guest_writes_is_read()
    {
        byte[] page = new byte[4096];
        "hello"u8.CopyTo(page.AsSpan(OutputStart + OutputSize - 5));
        "\n"u8.CopyTo(page.AsSpan(OutputStart));
        BitConverter.TryWriteBytes(page.AsSpan(OutputConsumer), 0xfffffffbu);
        BitConverter.TryWriteBytes(page.AsSpan(OutputProducer), 1u);
        byte[] got = new byte[10];
        Assert.Equal(6, new ByteRing(page, ByteRingLayout.ConsoleOutput).Read(got));
        Assert.Equal("hello\n"u8, got.AsSpan(0, 6));
        Assert.Equal(1u, BitConverter.ToUInt32(page, OutputConsumer));
    }

    /// <summary>
    /// Linux tells of bytes only where all before them were taken, and sleeps if they were not: a reader that looks too early would not be
    /// woken again.
    /// </summary>
    /// <remarks>The longer it runs, the more orders are tried: for a second, but for some rounds at least. The limit is for who is not woken.</remarks>
    [Fact]
    public async Task Reader_that_found_nothing_is_told_of_what_comes()
    {
        const int LeastRounds = 200;
        byte[] page = new byte[4096];
        int told = 0;
        uint written = 0;
        long end = Environment.TickCount64 + 1000;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        Task guest = Task.Run(() =>
        {
            var random = new Random(1);
            while (written < 2 * LeastRounds || Environment.TickCount64 < end)
            {
                Put(written++);
                Thread.SpinWait(random.Next(50));
                Put(written++);
                while (Volatile.Read(ref Index(page, OutputConsumer)) != written)
                {
                    limit.Token.ThrowIfCancellationRequested();
                    Thread.Yield();
                }
            }
        });
        var ring = new ByteRing(page, ByteRingLayout.ConsoleOutput);
        byte[] bytes = new byte[OutputSize];
        while (!guest.IsCompleted)
        {
            if (Interlocked.Exchange(ref told, 0) == 0)
            {
                Thread.Yield();
                continue;
            }

            while (ring.Read(bytes) > 0)
            {
                // It looks until there is nothing more.
            }
        }

        await guest;
        Assert.Equal(written, Index(page, OutputConsumer));

        void Put(uint producer)
        {
            Volatile.Write(ref Index(page, OutputProducer), producer + 1);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref Index(page, OutputConsumer)) >= producer)
                Volatile.Write(ref told, 1);
        }
    }

    [Fact]
    public void Impossible_index_is_told()
    {
        byte[] page = new byte[4096];
        BitConverter.TryWriteBytes(page.AsSpan(OutputProducer), 2049u);
        BootFormatException fault = Assert.Throws<BootFormatException>(() => new ByteRing(page, ByteRingLayout.ConsoleOutput).Read(new byte[1]));
        Assert.Equal(("xencons_interface", "out_prod", (long?)OutputProducer), (fault.Structure, fault.Field, fault.Offset));
    }

    [Fact]
    public void Console_notifies_when_something_has_moved()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        XenDomain domain = XenDomain.Create(hypervisor, new DomainLimits());
        DomainFrames frames = domain.Populate(1);
        uint port = domain.AllocatePort("the console");
        using (DomainMemory memory = domain.OpenMemory(frames))
            memory.Claim(default, 4096);
        using (DomainConsole console = DomainConsole.Open(domain, frames[default], port))
        {
            Assert.Equal(0, console.Read(new byte[10]));
            Assert.Equal(0, xen.Notifications);
            Assert.Equal(1024, console.Write(new byte[1500]));
            Assert.Equal(0, console.Write(new byte[1]));
            Assert.Equal(1, xen.Notifications);
        }

        XenException refused = Assert.Throws<XenException>(() => DomainConsole.Open(domain, frames[default], 5));
        Assert.Equal("bind the event channel of the console", refused.Step);
        Assert.Equal(0, xen.Leaks);
    }

    private static ref uint Index(byte[] page, int offset) => ref MemoryMarshal.AsRef<uint>(page.AsSpan(offset));
}
