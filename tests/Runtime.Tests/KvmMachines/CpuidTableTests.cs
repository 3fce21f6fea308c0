using BootProtocol.Kvm;
using BootProtocol.Kvm.Processors;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>What CPUID shows to a guest, of what KVM supports.</summary>
public sealed class CpuidTableTests
{
    private static readonly (uint Function, uint Index, uint Eax, uint Ebx, uint Ecx, uint Edx)[] _supported =
    [
        (0, 0, 0x1f, 1, 2, 3),
        (1, 0, 0x800f12, 0x05100800, 0x00000201, 0x178bfbff),
        (4, 0, 0xfc004121, 10, 11, 12),
        (4, 3, 0xfc1fc163, 10, 11, 12),
        (7, 0, 0, 0x20, 0x10000, 0),
        (0xb, 0, 1, 2, 0x100, 7),
        (0x1f, 0, 1, 2, 0x100, 7),
        (0x40000000, 0, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d),
        (0x80000008, 0, 0x3030, 0, 0x7007, 0),
        (0x8000001e, 0, 7, 0x0103, 0x0200, 0),
        (0x80000026, 0, 1, 2, 3, 4),
    ];

    [Fact]
    public void A_processor_has_its_own_number_among_all()
    {
        var shown = Read(CpuidTable.Fill(Supported(), 2, 3, hasTscDeadline: true));
        Assert.Equal((0x800f12u, 0x02030800u, 0x81000201u, 0x178bfbffu | (1u << 28)), shown[(1, 0)]);
        Assert.Equal((0u, 1u, 0x100u, 2u), shown[(0xb, 0)]);
        Assert.Equal((2u, 3u, 0x201u, 2u), shown[(0xb, 1)]);
        Assert.Equal((0u, 0u, 2u, 2u), shown[(0xb, 2)]);
        Assert.Equal(0x2002u, shown[(0x80000008, 0)].Ecx);
        Assert.Equal((2u, 2u, 0u, 0u), shown[(0x8000001e, 0)]);
        Assert.DoesNotContain((0x1fu, 0u), shown.Keys);
        Assert.DoesNotContain((0x80000026u, 0u), shown.Keys);
        Assert.Equal(0x4b4d564bu, shown[(0x40000000, 0)].Ebx);
    }

    /// <summary>The first level of the caches is each processor's own, the third is all processors' together; there are four ids.</summary>
    [Fact]
    public void Caches_are_shared_as_the_processors_are()
    {
        var shown = Read(CpuidTable.Fill(Supported(), 0, 3, hasTscDeadline: false));
        Assert.Equal(0x0c000121u, shown[(4, 0)].Eax);
        Assert.Equal(0x0c00c163u, shown[(4, 3)].Eax);
    }

    [Fact]
    public void A_single_processor_is_alone()
    {
        var shown = Read(CpuidTable.Fill(Supported(), 0, 1, hasTscDeadline: false));
        Assert.Equal(0x00010800u, shown[(1, 0)].Ebx);
        Assert.Equal(0u, shown[(1, 0)].Edx & (1 << 28));
        Assert.Equal(0x80000201u, shown[(1, 0)].Ecx);
        Assert.Equal((0u, 1u, 0x201u, 0u), shown[(0xb, 1)]);
    }

    [Fact]
    public void Five_levels_are_seen()
    {
        byte[] table = Supported();
        Assert.True(CpuidTable.HasFiveLevels(table));
        KvmCpuidEntry2.Edit(table.AsSpan(KvmCpuid2.Layout.Size + (4 * KvmCpuidEntry2.Layout.Size), KvmCpuidEntry2.Layout.Size)).Ecx = 0;
        Assert.False(CpuidTable.HasFiveLevels(table));
        Assert.False(CpuidTable.HasFiveLevels(CpuidTable.CreateEmpty()));
    }

    /// <summary>A count beyond the list is cut to what is there.</summary>
    [Fact]
    public void A_count_that_is_too_large_is_cut()
    {
        byte[] table = Supported();
        KvmCpuid2.Edit(table.AsSpan(0, KvmCpuid2.Layout.Size)).Count = uint.MaxValue;
        Assert.Equal(0x81000201u, Read(CpuidTable.Fill(table, 0, 1, hasTscDeadline: true))[(1, 0)].Ecx);
        Assert.True(CpuidTable.HasFiveLevels(table));
    }

    private static byte[] Supported()
    {
        byte[] table = new byte[KvmCpuid2.Layout.Size + (_supported.Length * KvmCpuidEntry2.Layout.Size)];
        KvmCpuid2.Create(table.AsSpan(0, KvmCpuid2.Layout.Size)).Count = (uint)_supported.Length;
        for (int i = 0; i < _supported.Length; i++)
        {
            KvmCpuidEntry2.Writer entry = KvmCpuidEntry2.Create(
                table.AsSpan(KvmCpuid2.Layout.Size + (i * KvmCpuidEntry2.Layout.Size), KvmCpuidEntry2.Layout.Size));
            (entry.Function, entry.Index, entry.Eax, entry.Ebx, entry.Ecx, entry.Edx) = _supported[i];
        }

        return table;
    }

    private static Dictionary<(uint Function, uint Index), (uint Eax, uint Ebx, uint Ecx, uint Edx)> Read(byte[] table)
    {
        var shown = new Dictionary<(uint, uint), (uint, uint, uint, uint)>();
        uint count = KvmCpuid2.Parse(table.AsSpan(0, KvmCpuid2.Layout.Size)).Count;
        Assert.Equal(table.Length, KvmCpuid2.Layout.Size + ((int)count * KvmCpuidEntry2.Layout.Size));
        for (int i = 0; i < count; i++)
        {
            KvmCpuidEntry2 entry = KvmCpuidEntry2.Parse(
                table.AsSpan(KvmCpuid2.Layout.Size + (i * KvmCpuidEntry2.Layout.Size), KvmCpuidEntry2.Layout.Size));
            shown.Add((entry.Function, entry.Index), (entry.Eax, entry.Ebx, entry.Ecx, entry.Edx));
        }

        return shown;
    }
}
