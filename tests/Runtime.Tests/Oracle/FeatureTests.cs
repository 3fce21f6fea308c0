using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Specs;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Oracle;

/// <summary>Features that a kernel names in its notes, each against Xen's own loader: as a PV guest and as a PVH guest.</summary>
[Needs(Need.Tools)]
public sealed class FeatureTests
{
    private static readonly string[] _known =
    [
        "writable_page_tables", "writable_descriptor_tables", "auto_translated_physmap", "supervisor_mode_kernel", "pae_pgdir_above_4gb",
        "hvm_callback_vector", "dom0",
    ];

    public static TheoryData<string> Names => [.. XenFeaturesLayout.Info.Enumerators.Select(feature => feature.Name), "warp_drive", ""];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_required_feature_is_taken_or_refused_as_by_xens_loader(string name)
    {
        (string? pv, string? pvh) = Judge($"!{name}");
        bool isKnown = _known.Contains(name);
        Assert.Equal(isKnown && name is not ("auto_translated_physmap" or "dom0"), pv is null);
        Assert.Equal(isKnown && name != "dom0", pvh is null);
        foreach (string reason in new[] { pv, pvh }.OfType<string>())
        {
            string expected = !isKnown ? $"it requires the unknown feature \"{name}\""
                : name == "dom0" ? "it runs as the first domain only"
                : "it requires auto_translated_physmap, which no paravirtualised domain has";
            Assert.Equal(expected, reason);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_feature_that_is_not_required_is_taken(string name) => Assert.Equal((null, null), Judge(name));

    [Theory]
    [InlineData("writable_page_tables|!highmem_assist|dom0", true)]
    [InlineData("!writable_page_tables|!pae_pgdir_above_4gb|highmem_assist", false)]
    [InlineData("|!|", true)]
    [InlineData("||", false)]
    public void Several_names_are_judged_together(string features, bool isRefused)
    {
        (string? pv, string? pvh) = Judge(features);
        Assert.Equal((isRefused, isRefused), (pv is not null, pvh is not null));
    }

    /// <summary>Of two notes FEATURES, both count, though of others the last one does.</summary>
    [Theory]
    [InlineData("!hvm_pirqs", "dom0")]
    [InlineData("dom0", "!hvm_pirqs")]
    [InlineData("!dom0", "writable_page_tables")]
    public void Of_several_notes_all_count(string first, string second)
    {
        (string? pv, string? pvh) = Judge(first, second);
        Assert.NotNull(pv);
        Assert.NotNull(pvh);
    }

    /// <summary>Why a kernel cannot be started, PV and PVH, if Xen's own builder says the same.</summary>
    private static (string? Pv, string? Pvh) Judge(params string[] features)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("kernel");
        File.WriteAllBytes(path, Make(features));
        using BootImage image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        ImmutableArray<BootWayCheck> ways = kernel.BootWays;
        return (Compare("pv", BootWay.XenPv), Compare("pvh", BootWay.Pvh));

        string? Compare(string mode, BootWay way)
        {
            string? reason = ways.Single(one => one.Way == way).Reason;
            ToolRun theirs = OracleRun.Run(mode, path, null, "quiet", 16, folder.File("out"));
            Assert.True((theirs.ExitCode == 0) == (reason is null), $"{mode} {string.Join(", ", features)}: {reason}\n{theirs.Errors}");
            return reason;
        }
    }

    private static byte[] Make(string[] features)
    {
        const uint Address = 0x400000;
        TestNotes notes = new TestNotes()
            .Add("Xen", XenNotes.Number.Loader, "generic")
            .Add("Xen", XenNotes.Number.GuestOs, "test")
            .Add("Xen", XenNotes.Number.XenVersion, "xen-3.0")
            .Add("Xen", XenNotes.Number.VirtBase, 0xffffffff80000000)
            .Add("Xen", XenNotes.Number.Entry, 0xffffffff80000000 + Address)
            .Add("Xen", XenNotes.Number.Phys32Entry, Address);
        foreach (string text in features)
            notes.Add("Xen", XenNotes.Number.Features, text);
        var code = new TestSegment(SegmentType.Load, [0xf4])
        {
            Flags = SegmentFlags.Read | SegmentFlags.Execute,
            PhysicalAddress = Address,
            MemorySize = 0x1000,
            Alignment = 4096,
        };
        return new TestElf().Add(code, notes.Segment()).Build();
    }
}
