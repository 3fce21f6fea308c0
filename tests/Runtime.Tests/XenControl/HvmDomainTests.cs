using BootProtocol.Acpi;
using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>The way of a PVH domain from nothing to ready, on a pretended Xen that checks order and arguments.</summary>
public sealed class HvmDomainTests(ITestOutputHelper output)
{
    private const ulong Memory = 4 << 20;

    private static readonly CpuState _cpu = new() { IsLongMode = false, InstructionPointer = new Paddr(0x1234560), Rbx = 0x9000, Cr0 = 0x11 };

    [Theory]
    [InlineData(17)]
    [InlineData(20)]
    [InlineData(22)]
    public void Domain_is_made_of_all_its_parts(int minor)
    {
        var xen = FakeXen.Of(minor);
        using var hypervisor = new Hypervisor(xen);
        HvmDomain made = HvmDomain.Create(hypervisor, Request(), place =>
        {
            Assert.Equal(
                [new(default, Memory, E820Type.Ram), new(new Paddr(0xfeff8000), 0x8000, E820Type.Reserved), new(new Paddr(0xfc000000), 4096, E820Type.Acpi)],
                place.Map.Ranges);
            Assert.Equal(0xfc000000ul, place.AcpiRsdp.Value);
            place.Memory.Claim(new Paddr(0x3ff000), 4096).Span[1] = 7;
            return _cpu;
        });

        FakeDomain domain = xen.Domains[made.Domain.Id];
        Assert.True(domain.IsHvm);
        Assert.Equal((Memory / 1024) + 1024, domain.MaxKibibytes);
        Assert.Equal(((2UL * 256) + (2 * 4)) * 4096, domain.PagingPool);
        Assert.Equal(1024 + 8 + 1, domain.Frames.Count);
        Assert.Equal(60, domain.MemoryMap.Length);
        Assert.Equal([0, 0, 0, 0xfc, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0], domain.MemoryMap[40..]);
        Assert.Equal(
            [(1u, 0xfeffcul), (2, 1), (10, 1), (12, 0xfeffe000), (17, 0xfefff), (18, 2)],
            domain.Parameters.Select(static pair => (pair.Key, pair.Value)));
        Assert.Equal(new RingPlace(new Mfn(0xfefff), 2), made.Console);
        Assert.Equal(new RingPlace(new Mfn(0xfeffc), 1), made.Store);
        Assert.Equal(made.Console, ConsolePlaces.Find(made.Domain));
        Assert.Equal([1, 0, 0, 0, .. BitConverter.GetBytes(0xfefff)], domain.Grants[..8]);
        Assert.Equal([1, 0, 0, 0, .. BitConverter.GetBytes(0xfeffc)], domain.Grants[8..16]);
        Assert.Equal(7, xen.Frame(domain.Frames[0x3ff])[1]);
        Assert.Equal(1, domain.Pauses);
        Assert.Equal(0, xen.Leaks);
        CheckPages(xen, domain);
        CheckState(domain);
    }

    /// <summary>The last record is the processor's: each call takes all of them down.</summary>
    private static void CheckState(FakeDomain domain)
    {
        Assert.Equal([(14, 0), (14, 1), (2, 0)], domain.Records.Select(static record => ((int)record.Kind, (int)record.Instance)));
        Assert.All(domain.Records[..2], static record =>
        {
            Assert.Equal(Enumerable.Repeat((byte)0x11, 232), record.Bytes[..232]);
            Assert.Equal(0x806ul, BitConverter.ToUInt64(record.Bytes, 232));
        });
        byte[] state = domain.Records[2].Bytes;
        Assert.Equal(1032, state.Length);

        // Offsets by gcc: rbx, rip, cr0, dr6, dr7; limits and attributes of cs, ss and tr.
        Assert.Equal(0x9000ul, BitConverter.ToUInt64(state, 520));
        Assert.Equal(0x1234560ul, BitConverter.ToUInt64(state, 640));
        Assert.Equal(0x11ul, BitConverter.ToUInt64(state, 656));
        Assert.Equal((0xffff0ff0ul, 0x400ul), (BitConverter.ToUInt64(state, 720), BitConverter.ToUInt64(state, 728)));
        Assert.Equal((uint.MaxValue, uint.MaxValue, 0x67u), (Limit(0), Limit(5), Limit(6)));
        Assert.Equal((0xc9bu, 0xc93u, 0x8bu), (Attributes(0), Attributes(5), Attributes(6)));

        uint Limit(int segment) => BitConverter.ToUInt32(state, 768 + (4 * segment));
        uint Attributes(int segment) => BitConverter.ToUInt32(state, 888 + (4 * segment));
    }

    private static void CheckPages(FakeXen xen, FakeDomain domain)
    {
        for (ulong frame = 0xfeff8; frame < 0xff000; frame++)
        {
            byte[] page = xen.Frame(domain.Frames[frame]);
            if (frame == 0xfeffe)
                Assert.All(Enumerable.Range(0, 1024), i => Assert.Equal(((uint)i << 22) | 0xe7, BitConverter.ToUInt32(page, 4 * i)));
            else
                Assert.All(page, static value => Assert.Equal(0, value));
        }

        byte[] tables = xen.Frame(domain.Frames[0xfc000]);
        Assert.Equal(2, AcpiRsdp.Parse(tables.AsSpan(0, AcpiRsdp.Layout.Size)).Revision);
    }

    [Fact]
    public void Memory_goes_on_above_4_GiB()
    {
        const ulong Large = (4UL << 30) - (32 << 20);
        MemoryMap map = HvmPlaces.Map(Large, 5000);
        Assert.Equal(
            [
                new(default, 0xfc000000, E820Type.Ram), new(new Paddr(0xfeff8000), 0x8000, E820Type.Reserved),
                new(new Paddr(0xfc000000), 0x2000, E820Type.Acpi), new(new Paddr(1UL << 32), Large - 0xfc000000, E820Type.Ram),
            ],
            map.Ranges);
        using var hypervisor = new Hypervisor(new FakeXen());
        using var memory = new HvmMemory(new XenDomain(hypervisor, 1), map);
        ulong end = (1UL << 32) + Large - 0xfc000000;
        Assert.True(memory.CanClaim(new Paddr(0xfbfff000), 4096));
        Assert.False(memory.CanClaim(new Paddr(0xfbfff000), 8192));
        Assert.False(memory.CanClaim(new Paddr(0xfeff8000), 4096));
        Assert.False(memory.CanClaim(new Paddr(0xfffff000), 8192));
        Assert.True(memory.CanClaim(new Paddr(end - 4096), 4096));
        Assert.False(memory.CanClaim(new Paddr(end - 4096), 8192));
        Assert.False(memory.CanClaim(new Paddr(ulong.MaxValue - 4095), 4096));
    }

    /// <summary>Each single thing that is asked of Xen is refused once.</summary>
    [Theory]
    [InlineData(17)]
    [InlineData(20)]
    public void Refused_step_is_named_and_leaves_nothing(int minor)
    {
        var steps = new List<string>();
        for (int step = 1; ; step++)
        {
            var xen = FakeXen.Of(minor);
            using var hypervisor = new Hypervisor(xen);
            _ = hypervisor.DomctlVersion;
            xen.RefusedStep = xen.Log.Count + step;
            xen.Refusal = XenError.Busy;
            try
            {
                HvmDomain.Create(hypervisor, Request(), place =>
                {
                    place.Memory.Claim(default, 4096);
                    return _cpu;
                });
                Assert.True(xen.Log.Count < xen.RefusedStep, $"{xen.Log[^1]}: was refused, and nobody minded");
                break;
            }
            catch (XenException refused)
            {
                Assert.Equal(XenError.Busy, refused.Error);
                Assert.StartsWith($"cannot {refused.Step}: EBUSY", refused.Message, StringComparison.Ordinal);
                steps.Add($"{xen.Log[xen.RefusedStep - 1]}: {refused.Message}");
            }

            Assert.Empty(xen.Domains);
            Assert.Equal(0, xen.Leaks);
        }

        output.WriteLine(string.Join('\n', steps));
        Assert.InRange(steps.Count, 50, 100);
    }

    [Fact]
    public void Processor_without_nested_paging_is_told()
    {
        var xen = new FakeXen { HasNestedPaging = false };
        using var hypervisor = new Hypervisor(xen);
        XenException refused = Assert.Throws<XenException>(() => HvmDomain.Create(hypervisor, Request(), _ => _cpu));
        Assert.Equal(
            "cannot create a domain: EINVAL, not valid (for PVH the processor needs hardware-assisted paging: nested page tables or EPT)",
            refused.Message);
        Assert.Empty(xen.Domains);
    }

    [Fact]
    public void Xen_without_hardware_virtualisation_is_told_before_anything_is_made()
    {
        var xen = new FakeXen { Capabilities = "xen-3.0-x86_64" };
        using var hypervisor = new Hypervisor(xen);
        int before = xen.Log.Count;
        XenException refused = Assert.Throws<XenException>(() => HvmDomain.Create(hypervisor, Request(), _ => _cpu));
        Assert.Equal("cannot create a domain (this Xen does not run hvm-3.0-x86_64 guests; it lists xen-3.0-x86_64)", refused.Message);
        Assert.Equal(before, xen.Log.Count);
    }

    [Fact]
    public void Domain_is_no_PV_one_to_read_back()
    {
        var xen = new FakeXen();
        using var hypervisor = new Hypervisor(xen);
        HvmDomain made = HvmDomain.Create(hypervisor, Request(), _ => _cpu);
        XenException refused = Assert.Throws<XenException>(() => PvDomainReader.Read(made.Domain));
        Assert.Equal("cannot read the domain back (it is no PV domain)", refused.Message);
    }

    [Fact]
    public void More_processors_than_ids_are_refused()
    {
        using var hypervisor = new Hypervisor(new FakeXen());
        var request = new PvhDomainRequest { MemorySize = Memory, Limits = new() { VCpus = 128 } };
        Assert.Throws<ArgumentOutOfRangeException>(() => HvmDomain.Create(hypervisor, request, _ => _cpu));
        Assert.Throws<ArgumentOutOfRangeException>(() => HvmDomain.Create(hypervisor, Request() with { MemorySize = 1 << 20 }, _ => _cpu));
    }

    private static PvhDomainRequest Request() => new() { MemorySize = Memory, Limits = new() { VCpus = 2 } };
}
