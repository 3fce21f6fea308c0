using System.Numerics;

namespace BootProtocol.Kvm.Processors;

/// <summary>What CPUID shows to a guest: what KVM supports, with the processor's own number, and the machine's processors as cores of one package.</summary>
/// <remarks>Sources: Intel SDM volume 2, "CPUID"; AMD APM volume 3, appendix E; Documentation/virt/kvm/x86/cpuid.rst and errata.rst of Linux.</remarks>
internal static class CpuidTable
{
    /// <summary>More leaves than KVM has.</summary>
    public const int Capacity = 256;

    private const uint Features = 1, CacheLevels = 4, StructuredFeatures = 7, Topology = 0xb, TopologyV2 = 0x1f;
    private const uint AmdSizes = 0x80000008, AmdTopology = 0x8000001e, AmdTopologyV2 = 0x80000026;

    private const uint TscDeadline = 1 << 24;
    private const uint Hypervisor = 1u << 31;
    private const uint SeveralIds = 1 << 28;
    private const uint FiveLevels = 1 << 16;

    private static readonly int _head = KvmCpuid2.Layout.Size;
    private static readonly int _entry = KvmCpuidEntry2.Layout.Size;

    /// <summary>A list with room for what KVM supports, as it is asked for it.</summary>
    public static byte[] CreateEmpty()
    {
        byte[] table = new byte[_head + (Capacity * _entry)];
        KvmCpuid2.Create(table.AsSpan(0, _head)).Count = Capacity;
        return table;
    }

    /// <summary>Makes the list of one processor.</summary>
    /// <param name="supported">What KVM supports.</param>
    /// <param name="id">The processor's APIC id.</param>
    /// <param name="vcpus">How many processors there are.</param>
    /// <param name="hasTscDeadline">Whether KVM's local APIC has a timer that counts the time-stamp counter; the list does not say so.</param>
    public static byte[] Fill(ReadOnlySpan<byte> supported, int id, int vcpus, bool hasTscDeadline)
    {
        uint count = Math.Min(KvmCpuid2.Parse(supported[.._head]).Count, (uint)((supported.Length - _head) / _entry));
        var entries = new List<byte[]>();
        bool hasTopology = false;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = supported.Slice(_head + (i * _entry), _entry).ToArray();
            KvmCpuidEntry2 entry = KvmCpuidEntry2.Parse(bytes);
            switch (entry.Function)
            {
                case Topology:
                    hasTopology = true;
                    continue;
                case TopologyV2 or AmdTopologyV2:
                    continue; // they say the same in another way; a guest without them looks at the older one
                default:
                    Adapt(KvmCpuidEntry2.Edit(bytes), id, vcpus, hasTscDeadline);
                    entries.Add(bytes);
                    break;
            }
        }

        if (hasTopology)
        {
            entries.Add(Level(0, 0, 1, 0x100, id));
            entries.Add(Level(1, Bits(vcpus), vcpus, 0x201, id));
            entries.Add(Level(2, 0, 0, 2, id));
        }

        byte[] table = new byte[_head + (entries.Count * _entry)];
        KvmCpuid2.Create(table.AsSpan(0, _head)).Count = (uint)entries.Count;
        for (int i = 0; i < entries.Count; i++)
            entries[i].CopyTo(table, _head + (i * _entry));
        return table;
    }

    /// <summary>Whether a list shows page tables of five levels.</summary>
    public static bool HasFiveLevels(ReadOnlySpan<byte> table)
    {
        uint count = KvmCpuid2.Parse(table[.._head]).Count;
        for (int i = 0; i < count && _head + ((i + 1) * _entry) <= table.Length; i++)
        {
            KvmCpuidEntry2 entry = KvmCpuidEntry2.Parse(table.Slice(_head + (i * _entry), _entry));
            if (entry is { Function: StructuredFeatures, Index: 0 })
                return (entry.Ecx & FiveLevels) != 0;
        }

        return false;
    }

    private static void Adapt(KvmCpuidEntry2.Writer entry, int id, int vcpus, bool hasTscDeadline)
    {
        KvmCpuidEntry2 shown = entry.AsView();
        switch (shown.Function)
        {
            case Features:
                entry.Ebx = (shown.Ebx & 0xffff) | ((uint)vcpus << 16) | ((uint)id << 24);
                entry.Ecx = shown.Ecx | Hypervisor | (hasTscDeadline ? TscDeadline : 0);
                entry.Edx = vcpus > 1 ? shown.Edx | SeveralIds : shown.Edx & ~SeveralIds;
                break;
            case CacheLevels when (shown.Eax & 0x1f) != 0:
                // The third level is all processors' together, the others each one's own.
                uint sharing = ((shown.Eax >> 5) & 7) >= 3 ? (1u << Bits(vcpus)) - 1 : 0;
                uint cores = Math.Min((1u << Bits(vcpus)) - 1, 0x3f);
                entry.Eax = (shown.Eax & 0x3fff) | (sharing << 14) | (cores << 26);
                break;
            case AmdSizes:
                entry.Ecx = (shown.Ecx & 0xffff0f00 & ~0xf000u) | ((uint)Bits(vcpus) << 12) | (uint)(vcpus - 1);
                break;
            case AmdTopology:
                (entry.Eax, entry.Ebx, entry.Ecx) = ((uint)id, (uint)id & 0xff, 0);
                break;
            default:
                break;
        }
    }

    private static byte[] Level(uint index, int shift, int count, uint kind, int id)
    {
        byte[] bytes = new byte[_entry];
        KvmCpuidEntry2.Writer entry = KvmCpuidEntry2.Create(bytes);
        entry.Function = Topology;
        entry.Index = index;
        entry.EntryFlags = KvmCpuidFlags.SignificantIndex;
        (entry.Eax, entry.Ebx, entry.Ecx, entry.Edx) = ((uint)shift, (uint)count, kind, (uint)id);
        return bytes;
    }

    /// <summary>Bits of an APIC id by which the processors differ.</summary>
    private static int Bits(int vcpus) => BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)vcpus));
}
