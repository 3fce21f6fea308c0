using System.Buffers;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Cli.Reports;
using BootProtocol.Domains;
using BootProtocol.Reports;

namespace BootProtocol.Cli.Building;

/// <summary>What a domain's JSON says beyond its memory and its processor, as tables for people: so nothing is in the one alone.</summary>
internal sealed class DomainTables : IDisposable
{
    private static readonly string[] _sections = ["e820", "xen_pv", "frames"];
    private static readonly ReportColumn[] _factColumns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    private readonly JsonDocument _json;

    private DomainTables(JsonDocument json) => _json = json;

    /// <summary>Those of a domain.</summary>
    public static DomainTables Of(Domain domain)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            DomainJson.Write(domain, writer);
        return new DomainTables(JsonDocument.Parse(buffer.WrittenMemory));
    }

    /// <summary>The bytes of memory that the guest's memory map has.</summary>
    public string RamSize => _json.RootElement.GetProperty("ram").GetRawText();

    /// <summary>Where the kernel is, and where it was linked.</summary>
    public string Kernel
    {
        get
        {
            JsonElement kernel = _json.RootElement.GetProperty("kernel");
            return $"{Cell(kernel.GetProperty("start"))} to {Cell(kernel.GetProperty("end"))}, linked for {Cell(kernel.GetProperty("linked_start"))}, "
                + $"virtual offset {Cell(kernel.GetProperty("virtual_offset"))}";
        }
    }

    /// <summary>The tables, each with a heading.</summary>
    public IEnumerable<ReportPart> Parts()
    {
        foreach (string name in _sections)
        {
            if (!_json.RootElement.TryGetProperty(name, out JsonElement section))
                continue;
            foreach (ReportPart part in section.ValueKind == JsonValueKind.Array ? Table(name, section) : Facts(name, section))
                yield return part;
        }
    }

    /// <summary>Rows for the registers that are not among the known ones.</summary>
    public IEnumerable<string[]> RegistersBeyond(IReadOnlyCollection<string> known) => _json.RootElement.GetProperty("cpu").EnumerateObject()
        .Where(register => !known.Contains(register.Name) && !known.Contains(register.Name.Replace("_base", "", StringComparison.Ordinal)))
        .Select(static register => new[] { register.Name, Cell(register.Value), "" });

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private static IEnumerable<ReportPart> Facts(string name, JsonElement facts)
    {
        yield return new ReportText(name, IsHeading: true);
        IEnumerable<JsonProperty> plain = facts.EnumerateObject().Where(static fact => fact.Value.ValueKind != JsonValueKind.Array);
        yield return new ReportTable(_factColumns, [.. plain.Select(static fact => new[] { fact.Name, Cell(fact.Value) })], HasHead: false);
        foreach (JsonProperty list in facts.EnumerateObject().Where(static fact => fact.Value.ValueKind == JsonValueKind.Array))
        {
            foreach (ReportPart part in Table(list.Name, list.Value))
                yield return part;
        }
    }

    private static IEnumerable<ReportPart> Table(string name, JsonElement rows)
    {
        if (rows.GetArrayLength() == 0)
            yield break;
        yield return new ReportText(name, IsHeading: true);
        ReportColumn[] columns = [.. rows[0].EnumerateObject().Select(static cell =>
            new ReportColumn(cell.Name, cell.Name == "name" ? ReportTone.Key : ReportTone.Value, IsRight: cell.Name != "name"))];
        yield return new ReportTable(columns, [.. rows.EnumerateArray().Select(static row =>
            row.EnumerateObject().Select(static cell => Cell(cell.Value)).ToArray())]);
    }

    private static string Cell(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object => string.Join(
            ", ", value.EnumerateObject().Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Name} {Cell(part.Value)}"))),
        _ => value.GetRawText(),
    };
}
