using System.Collections.Immutable;
using BootProtocol.Testing;
using BootProtocol.Verify;

namespace BootProtocol.Runtime.Tests.Verify;

/// <summary>Every bit of an entry of every level, flipped, against what Xen takes.</summary>
/// <remarks>
/// The masks are those of Xen 4.17, xen/arch/x86/mm.c and xen/include/asm-x86/x86_64/page.h, in its own form: 24 bits of flags, which are
/// bits 0 to 11 and 52 to 63 of an entry.
/// </remarks>
[Needs(Need.Kernels)]
public sealed class EntryBitsTests
{
    private const int Present = 0;
    private const int Writable = 1;
    private const int ExecuteDisable = 63;

    /// <summary>_PAGE_PRESENT, _PAGE_RW, _PAGE_USER, _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_AVAIL, _PAGE_AVAIL_HIGH, _PAGE_NX_BIT.</summary>
    private const uint BaseDisallowMask = ~(0x001u | 0x002 | 0x004 | 0x020 | 0x040 | 0xe00 | (0x7ff << 12) | (1 << 23));

    /// <summary>_PAGE_GNTTAB and _PAGE_GLOBAL.</summary>
    private const uint L1DisallowMask = (BaseDisallowMask | (1 << 22)) & ~0x100u;

    /// <summary>l3_disallow_mask of a 32-bit domain.</summary>
    private const uint L3DisallowMask32 = 0xfffff198;

    public static TheoryData<string, int> Levels
    {
        get
        {
            var data = new TheoryData<string, int>();
            (string, int)[] kernels = [("grub-x86_64-xen.bin", 4), ("6.12-amd64", 4), ("sample-64", 4), ("grub-i386-xen.bin", 3), ("sample-32", 3)];
            foreach ((string kernel, int levels) in kernels)
            {
                for (int level = 1; level <= levels; level++)
                    data.Add(kernel, level);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Flipped_bits_of_the_way_to_the_first_instruction(string kernel, int level)
    {
        using OracleDomain domain = OracleDomain.Build(kernel, 128, 4096);
        foreach ((int bit, ImmutableArray<Violation> found) in Flip(domain, level, domain.InstructionPointer))
        {
            string? expected = Expected(domain.Word, level, bit) ?? (bit == ExecuteDisable ? "executable" : null);
            AssertVerdict(expected, found, bit);
        }
    }

    /// <summary>The stack's page may lack execute rights, as all may that have no code.</summary>
    [Theory]
    [InlineData("grub-x86_64-xen.bin")]
    [InlineData("6.12-amd64")]
    [InlineData("grub-i386-xen.bin")]
    public void Flipped_bits_of_another_page(string kernel)
    {
        using OracleDomain domain = OracleDomain.Build(kernel, 128, 4096);
        foreach ((int bit, ImmutableArray<Violation> found) in Flip(domain, 1, domain.StackPointer - 1))
            AssertVerdict(Expected(domain.Word, 1, bit), found, bit);
    }

    /// <summary>A list apart from the kernel has entries of its own at all levels, and nothing is executed there.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Flipped_bits_of_the_way_to_a_list_apart(int level)
    {
        using OracleDomain domain = OracleDomain.Build("6.12-amd64", 128, 4096);
        foreach ((int bit, ImmutableArray<Violation> found) in Flip(domain, level, 0x8000000000))
            AssertVerdict(Expected(domain.Word, level, bit), found, bit);
    }

    /// <summary>Where the hypervisor keeps its entries for 32-bit guests, no other table can be (pae_xen_mappings_check).</summary>
    [Fact]
    public void The_last_table_of_a_32_bit_guest_is_not_shared()
    {
        using OracleDomain domain = OracleDomain.Build("grub-i386-xen.bin", 64, 4096);
        Span<byte> top = domain.Page(domain.Run.Number("pgtables_seg", "pfn"));
        top[24..32].CopyTo(top[16..24]);
        Violation violation = XenPvVerifier.Verify(domain.Image)[0];
        Assert.Equal("last-table", violation.Rule.Name);
        Assert.StartsWith("that of entry 2, machine frame 0x", violation.Found, StringComparison.Ordinal);
    }

    /// <summary>The rule that the flipped bit breaks; empty for whatever one; null for none.</summary>
    private static string? Expected(WordSize word, int level, int bit)
    {
        if (bit is >= 12 and < 52)
            return "";
        uint flag = bit < 12 ? 1u << bit : 1u << (bit - 40);
        uint refused = level switch
        {
            1 => L1DisallowMask,
            3 when word == WordSize.Bits32 => L3DisallowMask32,
            _ => BaseDisallowMask,
        };
        if ((refused & flag) != 0)
            return level == 1 ? "page-entry" : bit == 7 && level < 4 ? "large-page" : "table-entry";
        return bit switch
        {
            Present => "",

            // Xen sets it in the four entries at the top of PAE (adjust_guest_l3e).
            Writable => word == WordSize.Bits32 && level == 3 ? null : "writable",
            _ => null,
        };
    }

    private static void AssertVerdict(string? expected, ImmutableArray<Violation> found, int bit)
    {
        string rules = string.Join(' ', found.Select(violation => violation.Rule.Name));
        if (expected is null)
            Assert.True(found.IsEmpty, $"bit {bit}: {rules}");
        else if (expected.Length == 0)
            Assert.False(found.IsEmpty, $"bit {bit}");
        else
            Assert.True(!found.IsEmpty && found[0].Rule.Name == expected, $"bit {bit}: {rules}, expected {expected}");
    }

    /// <summary>The verdict on the domain with each bit flipped of the entry of a level that is for an address.</summary>
    private static IEnumerable<(int Bit, ImmutableArray<Violation> Found)> Flip(OracleDomain domain, int level, ulong address)
    {
        Assert.Empty(XenPvVerifier.Verify(domain.Image));
        (ulong frame, int place) = domain.FindEntry(level, address);
        for (int bit = 0; bit < 64; bit++)
        {
            Toggle(bit);
            yield return (bit, XenPvVerifier.Verify(domain.Image));
            Toggle(bit);
        }

        void Toggle(int bit) => domain.Page(frame)[place + (bit / 8)] ^= (byte)(1 << (bit % 8));
    }
}
