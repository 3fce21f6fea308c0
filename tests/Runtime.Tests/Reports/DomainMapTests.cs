using System.Collections.Immutable;
using System.Text;
using System.Xml.Linq;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Reports;

namespace BootProtocol.Runtime.Tests.Reports;

public sealed class DomainMapTests
{
    private static readonly XNamespace _svg = "http://www.w3.org/2000/svg";

    private static readonly MemoryMap _map = new(
    [
        new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram),
        new MemoryRange(new Paddr(0xf0000), 0x10000, E820Type.Reserved),
        new MemoryRange(new Paddr(0x100000), 0x100000, E820Type.Ram),
        new MemoryRange(new Paddr(0x200000), 0x600000, E820Type.Ram),
        new MemoryRange(new Paddr(0x100000000), 0x40000000, E820Type.Ram),
    ]);

    private static readonly ImmutableArray<Region> _regions =
    [
        new Region("a & b <c>", new Paddr(0x1000), 0x1000, "because of \"this\""),
        new Region("kernel", new Paddr(0x1ff000), 0x200800, "") { Virtual = new Vaddr(0xc0000000) },
        new Region("tail", new Paddr(0x3ff800), 0x10, "behind it"),
    ];

    [Fact]
    public void Every_address_is_in_one_row()
    {
        ImmutableArray<DomainMapRow> rows = DomainMap.Of(_regions, _map);
        string[] expected =
        [
            "Free 0x0 0x1000 free",
            "Region 0x1000 0x2000 a & b <c>",
            "Free 0x2000 0xa0000 free",
            "Hole 0xa0000 0xf0000 no memory",
            "Reserved 0xf0000 0x100000 E820_TYPE_RESERVED",
            "Free 0x100000 0x1ff000 free",
            "Region 0x1ff000 0x3ff800 kernel",
            "Region 0x3ff800 0x3ff810 tail",
            "Free 0x3ff810 0x800000 free",
            "Hole 0x800000 0x100000000 no memory",
            "Free 0x100000000 0x140000000 free",
        ];
        Assert.Equal(expected, rows.Select(row => $"{row.Kind} {row.Start} {row.End} {row.Name}"));
        Assert.Equal(new Vaddr(0xc0000000), rows[6].Virtual);
    }

    [Fact]
    public void What_the_map_forbids_is_not_free()
    {
        var map = new MemoryMap(
        [
            new MemoryRange(new Paddr(0), 0x3000, E820Type.Ram),
            new MemoryRange(new Paddr(0x1000), 0x1000, E820Type.Nvs),
        ]);
        Assert.Equal(
            ["free", "E820_TYPE_NVS", "free"],
            DomainMap.Of([], map).Select(row => row.Name));
    }

    [Fact]
    public void Drawing_is_well_formed_and_tells_everything()
    {
        ImmutableArray<DomainMapRow> rows = DomainMap.Of(_regions, _map);
        using var stream = new MemoryStream();
        DomainSvg.Write("a summary", rows, stream);
        var drawing = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        Assert.Equal(_svg + "svg", drawing.Root!.Name);
        XElement[] groups = [.. drawing.Root.Elements(_svg + "g")];
        Assert.Equal(rows.Length, groups.Length);
        double bottom = 0;
        foreach ((XElement group, DomainMapRow row) in groups.Zip(rows))
        {
            string title = group.Element(_svg + "title")!.Value;
            Assert.Contains(row.Name, title, StringComparison.Ordinal);
            Assert.Contains($"{row.Start} to {row.End}", title, StringComparison.Ordinal);
            Assert.Contains(row.Reason, title, StringComparison.Ordinal);
            XElement box = group.Element(_svg + "rect")!;
            double top = (double)box.Attribute("y")!;
            double height = (double)box.Attribute("height")!;
            Assert.True(height >= 20);
            Assert.Equal(bottom == 0 ? top : bottom, top, 0.2);
            bottom = top + height;
        }

        Assert.True((double)drawing.Root.Attribute("height")! > bottom);
        Assert.Contains(drawing.Descendants(_svg + "text"), text => text.Value == "0x140000000");
    }

    /// <summary>Regions are to scale; a gap of a hundred times their size is not, and is marked.</summary>
    [Fact]
    public void Heights_are_to_scale_where_that_is_sensible()
    {
        var map = new MemoryMap([new MemoryRange(new Paddr(0), 1UL << 40, E820Type.Ram)]);
        ImmutableArray<DomainMapRow> rows = DomainMap.Of(
            [new Region("large", new Paddr(0), 0x4000000, ""), new Region("half", new Paddr(0x4000000), 0x2000000, "")], map);
        using var stream = new MemoryStream();
        DomainSvg.Write("", rows, stream);
        XElement[] groups = [.. XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).Root!.Elements(_svg + "g")];
        double[] heights = [.. groups.Select(group => (double)group.Element(_svg + "rect")!.Attribute("height")!)];
        Assert.Equal(heights[0], 2 * heights[1], 0.5);
        Assert.True(heights[2] < heights[1]);
        Assert.Equal([false, false, true], groups.Select(group => group.Element(_svg + "polyline") is not null));
    }
}
