using System.Globalization;
using BootProtocol.Cli.Reports;
using BootProtocol.Types;

namespace BootProtocol.Cli.Layouts;

/// <summary>Shows types of a kernel as text.</summary>
internal static class KernelLayoutReport
{
    /// <summary>Shows where the members of a structure stand, or what values an enumeration has.</summary>
    public static Report Create(KernelType type) => new(
    [
        new ReportText(type.ToString(), IsHeading: true),
        new ReportText(string.Create(CultureInfo.InvariantCulture, $"size {type.Size}")),
        type.Values.Any() ? Values(type) : Members(type),
    ]);

    /// <summary>Lists types by their names.</summary>
    public static Report Create(string file, IReadOnlyList<KernelType> types)
    {
        ReportColumn[] columns = [new("type", ReportTone.Key), new("size", ReportTone.Value, IsRight: true)];
        IEnumerable<string[]> rows = types.Select(type => new[] { type.ToString(), type.Size.ToString(CultureInfo.InvariantCulture) });
        string count = string.Create(CultureInfo.InvariantCulture, $"{types.Count} structures, unions and enumerations");
        return new Report([new ReportText(file, IsHeading: true), new ReportText(count), new ReportTable(columns, [.. rows])]);
    }

    private static ReportTable Members(KernelType type)
    {
        ReportColumn[] columns =
        [
            new("offset", ReportTone.Value, IsRight: true), new("size", ReportTone.Value, IsRight: true), new("type"), new("name", ReportTone.Key),
        ];
        return new ReportTable(columns, [.. KernelRow.Of(type).Select(Row)]);
    }

    private static string[] Row(KernelRow row)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string offset = string.Create(culture, $"0x{row.BitOffset / 8:x}");

        // Of a bit field the bits count from the byte.
        if (row.BitSize == 0)
            return [offset, row.Type.Size.ToString(culture), row.Type.ToString(), row.Name];
        string bits = string.Create(culture, $"{row.BitSize} bit{(row.BitSize == 1 ? "" : "s")}");
        return [string.Create(culture, $"{offset}:{row.BitOffset % 8}"), bits, row.Type.ToString(), row.Name];
    }

    private static ReportTable Values(KernelType type)
    {
        ReportColumn[] columns = [new("value", ReportTone.Value, IsRight: true), new("name", ReportTone.Key)];
        return new ReportTable(columns, [.. type.Values.Select(static value => new[] { value.Value.ToString(CultureInfo.InvariantCulture), value.Name })]);
    }
}
