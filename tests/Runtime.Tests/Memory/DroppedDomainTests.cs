using System.Runtime.CompilerServices;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Sample;

namespace BootProtocol.Runtime.Tests.Memory;

/// <summary>Domains that nobody disposes: their memory comes back all the same.</summary>
[Collection(nameof(MeasuringTests))]
public sealed class DroppedDomainTests
{
    private const int MiB = 1 << 20;
    private const int Domains = 1000;

    [Fact]
    public void A_thousand_dropped_domains_leave_no_memory_behind()
    {
        byte[] initrd = new byte[MiB];
        Drop(20, initrd);
        (long heap, long resident) = Measure();
        for (int i = 0; i < Domains; i += 100)
        {
            Drop(100, initrd);
            GC.Collect();
        }

        (long heapAfter, long residentAfter) = Measure();

        // A hundredth of what a leak would leave.
        const int Tolerance = 10 * MiB;
        Assert.InRange(heapAfter - heap, long.MinValue, Tolerance);
        Assert.InRange(residentAfter - resident, long.MinValue, 10 * Tolerance);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(int count, byte[] initrd)
    {
        using var image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        for (int i = 0; i < count; i++)
        {
            Domain domain = (i % 3) switch
            {
                0 => new LinuxBootBuilder { MemorySize = 64 * MiB, Initrds = [initrd] }.Build(kernel),
                1 => new PvhBuilder { MemorySize = 64 * MiB, Initrds = [initrd] }.Build(kernel),
                _ => new XenPvBuilder { MemorySize = 64 * MiB, Initrds = [initrd] }.Build(kernel),
            };
            Assert.NotEmpty(domain.Memory.Extents);
        }
    }

    private static (long Heap, long Resident) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
