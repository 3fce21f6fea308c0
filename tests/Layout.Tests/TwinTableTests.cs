using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>A wrong line of a twin table, and what a failed proof says.</summary>
public sealed class TwinTableTests
{
    [Theory]
    [InlineData("structure a = b", "'structure a = b' is no line of a twin table; expected 'include <HEADER>', ")]
    [InlineData("struct setup_header", "'struct setup_header' is no line of a twin table; ")]
    [InlineData("struct setup_header bits 16 = struct setup_header", "is no line of a twin table; ")]
    [InlineData("field jump = jump", "is no line of a twin table; ")]
    [InlineData("none struct setup_header = boot.rst", "is no line of a twin table; ")]
    [InlineData("none struct setup_header :", "is no line of a twin table; ")]
    [InlineData("struct setup_heade = struct setup_header", "'setup_heade': the specs have no structure of that name")]
    [InlineData("none struct load_flags : none", "'load_flags': the specs have no structure of that name")]
    [InlineData("none enum load_flags : none", "'load_flags': in the specs it is 'flags'")]
    [InlineData("none flags loadflags : none", "'loadflags': the specs have no flags of that name")]
    [InlineData("none const load_flags : none", "'load_flags': in the specs it is 'flags'")]
    [InlineData("none const loadflags : none", "'loadflags': the specs have no const of that name")]
    [InlineData("none notes setup_header : none", "'setup_header': the specs have no notes of that name")]
    [InlineData("enumerator load_flags.LOADED_LOW = 1", "'load_flags.LOADED_LOW': the enumeration has no enumerator of that name")]
    [InlineData("note xen_elfnote.ENTRIES = 1", "'xen_elfnote.ENTRIES': the notes block has no note of that name")]
    [InlineData("struct setup_header = a\nfield setup_header.jumps = b", "'setup_header.jumps': the structure has no field of that name")]
    [InlineData("struct cpu_user_regs = a\nfield cpu_user_regs.rip bits 32 = rip",
        "'cpu_user_regs.rip': the structure has no field of that name for 32 bits")]
    [InlineData("field setup_header.jump = jump", "'setup_header.jump': its structure has no twin in the tables")]
    [InlineData("none struct setup_header : none\nfield setup_header.jump = jump",
        "'setup_header.jump': all of 'setup_header' has no twin by one.twins(1)")]
    [InlineData("none enumerator load_flags.KASLR_FLAG : none\nenumerator load_flags.KASLR_FLAG = 2",
        "'load_flags.KASLR_FLAG': said already by one.twins(1)")]
    [InlineData("struct elf_ehdr bits 32 = a\nstruct elf_ehdr = b", "'elf_ehdr': said already by one.twins(1)")]
    [InlineData("note xen_elfnote.INFO since xen four = 0", "is no line of a twin table; ")]
    [InlineData("none note xen_elfnote.INFO since xen 4.19 : none", "is no line of a twin table; ")]
    [InlineData("apart XENFEAT_NR", "is no line of a twin table; ")]
    [InlineData("family xenfeatures = XENFEAT_", "'xenfeatures': the specs have no enumeration or notes block of that name")]
    [InlineData("note xen_elfnote.INFO since xen 4.19 = 0\nnote xen_elfnote.INFO since xen 4.20 = 0", "'xen_elfnote.INFO': said already by one.twins(1)")]
    [InlineData("note xen_elfnote.INFO before xen 4.19 = 0\nnote xen_elfnote.INFO since xen 4.18 = 0", "'xen_elfnote.INFO': said already by one.twins(1)")]
    public void Wrong_line_is_reported(string text, string expected)
    {
        var twins = new TwinSet(SpecIndex.Shipped, [TwinReader.Read("one.twins", text)]);
        string problem = Assert.Single(twins.Problems);
        Assert.StartsWith($"one.twins({text.Count(c => c == '\n') + 1}): ", problem, StringComparison.Ordinal);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    /// <summary>A structure that was one and became another is two, each for its headers.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void Lines_for_other_headers_may_follow_each_other()
    {
        TwinTable table = TwinReader.Read("one.twins", "note xen_elfnote.INFO before xen 4.19 = 1\nnote xen_elfnote.INFO since xen 4.19 = 0");
        var twins = new TwinSet(SpecIndex.Shipped, [table]);
        Assert.Empty(twins.Problems);
        TwinLine[] lines = [.. twins.Lines(TwinKind.Note, "xen_elfnote", "INFO")];
        var old = HeaderSet.Get("bookworm");
        var recent = HeaderSet.Get("sid");
        Assert.Equal("1", Assert.Single(lines, line => line.HoldsFor(64, old)).Text);
        Assert.Equal("0", Assert.Single(lines, line => line.HoldsFor(64, recent)).Text);
        Assert.Equal("before xen 4.19", lines[0].Range!.ToString());
    }

    [Fact]
    public void Protocol_belongs_to_one_table()
    {
        TwinTable one = TwinReader.Read("one.twins", "none flags load_flags : none");
        TwinTable two = TwinReader.Read("two.twins", "none flags xload_flags : none");
        var twins = new TwinSet(SpecIndex.Shipped, [one, two]);
        Assert.Equal("two.twins(1): 'xload_flags': protocol linux_x86 belongs to one.twins", Assert.Single(twins.Problems));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Name_without_a_line_is_reported()
    {
        TwinTable table = TwinReader.Read("one.twins", "struct elf_ehdr bits 64 = Elf64_Ehdr\nnone struct elf_phdr : none");
        var plan = new ProofPlan(SpecIndex.Shipped, new TwinSet(SpecIndex.Shipped, [table]), 32, HeaderSet.Installed);
        Assert.Contains("struct elf_ehdr: no table has a twin for 32 bits, or a 'none' line with the reason why there is none", plan.Problems);
        Assert.Contains("flags load_flags: no table speaks of protocol linux_x86", plan.Problems);
        Assert.DoesNotContain(plan.Problems, problem => problem.Contains("elf_phdr", StringComparison.Ordinal));
    }
}
