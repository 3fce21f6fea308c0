using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>
/// What a kernel's tables for its own stack dumps (ORC) say of addresses, read here anew, beside what readelf says of them by the file's frames.
/// </summary>
internal sealed partial class FrameOracle
{
    private static readonly string[] _registers6 = ["u", "c", "rdx", "rdi", "rbp", "rsp", "r10", "r13", "*rbp", "*rsp", "rax"];
    private static readonly string[] _registers7 = ["u", "rax", "rdx", "rsp", "rbp", "rdi", "r10", "r13", "c", "*rsp", "*rbp"];

    private readonly List<(ulong Start, ulong End, string Text)> _rows = [];
    private readonly Dictionary<ulong, List<string>> _expressions = [];
    private readonly (ulong Address, byte[] Entry)[] _entries;
    private readonly (ulong Start, ulong End)[] _code;
    private readonly string _release;

    /// <summary>Has readelf read a file.</summary>
    /// <param name="path">A kernel with its frames.</param>
    /// <param name="release">Which form its tables have: "6.1", "6.12" or "7.2".</param>
    public FrameOracle(string path, string release)
    {
        _release = release;
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(File.ReadAllBytes(path)));
        Assert.True(elf.Sections.TryFind(".orc_unwind_ip", out Section places));
        Assert.True(elf.Sections.TryFind(".orc_unwind", out Section entries));
        var all = new List<(ulong Address, int Order, byte[] Entry)>();
        for (int i = 0; i < (int)places.Size / 4; i++)
        {
            byte[] entry = entries.Bytes.Slice(i * 6, 6).ToArray();
            ulong address = unchecked(places.Address.Value + (ulong)(i * 4) + (ulong)BinaryPrimitives.ReadInt32LittleEndian(places.Bytes[(i * 4)..]));
            all.Add((address, Expected(entry)[0] == "end" ? i - int.MaxValue : i, entry));
        }

        _entries = [.. all.OrderBy(entry => entry.Address).ThenBy(entry => entry.Order).Select(entry => (entry.Address, entry.Entry))];
        _code =
        [
            .. elf.Sections.Where(section => section.Flags.HasFlag(SectionFlags.Execute | SectionFlags.Allocate))
                .Select(section => (section.Address.Value, section.Address.Value + section.Size)),
        ];
        ReadRows(Said(path, "-wF"));
        ReadExpressions(Said(path, "-wf"));
    }

    /// <summary>The number of descriptions.</summary>
    public int Count { get; private set; }

    /// <summary>Compares both at each address where one of them begins or ends to say something.</summary>
    /// <returns>The number of addresses.</returns>
    public int Check()
    {
        Assert.All(_rows.Zip(_rows.Skip(1)).Where(static pair => pair.First.End > pair.Second.Start), static pair => Assert.Fail($"{pair} overlap"));
        ulong[] addresses =
        [
            .. _rows.Select(static row => row.Start).Concat(_rows.Select(static row => row.End - 1)).Concat(_entries.Select(static entry => entry.Address))
                .Where(address => _code.Any(code => address >= code.Start && address < code.End)).Distinct().Order(),
        ];
        int row = 0;
        int entry = -1;
        foreach (ulong address in addresses)
        {
            while (row < _rows.Count - 1 && _rows[row].End <= address)
                row++;
            while (entry < _entries.Length - 1 && _entries[entry + 1].Address <= address)
                entry++;
            string[] expected = entry < 0 ? ["nothing"] : Expected(_entries[entry].Entry);
            bool isDescribed = _rows[row].Start <= address && address < _rows[row].End;
            string found = isDescribed ? _rows[row].Text : "nothing";
            if (found != expected[0])
                Assert.Fail($"{address:x}: expected {expected[0]}, readelf has {found}");
            if (isDescribed && _rows[row].Start == address && _expressions.TryGetValue(address, out List<string>? expressions))
                Assert.Subset(expected[1..].ToHashSet(), expressions.ToHashSet());
        }

        Assert.All(_expressions.Keys, address => Assert.True(Array.BinarySearch(addresses, address) >= 0));
        return addresses.Length;
    }

    [GeneratedRegex("^[0-9a-f]{8} [0-9a-f]{16} [0-9a-f]{8} (CIE \"(?<kind>.*?)\"|FDE cie=(?<cie>[0-9a-f]+) pc=(?<start>[0-9a-f]+)\\.\\.(?<end>[0-9a-f]+))")]
    private static partial Regex Head();

    [GeneratedRegex(" to ([0-9a-f]{16})$")]
    private static partial Regex Advance();

    [GeneratedRegex(@"DW_CFA_(def_cfa_)?expression:?.*? \((DW_.*)\)$")]
    private static partial Regex Expression();

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static string[] Said(string path, string option)
    {
        ToolRun run = ToolRun.Start("readelf", [option, Path.GetFileName(path)], Path.GetDirectoryName(path)!);
        string said = run.Succeeded();
        Assert.Equal("", run.Errors);
        return said.Split('\n');
    }

    /// <summary>The frame, rbp, return address, rsp, and whether it is a signal frame; then the expressions in them.</summary>
    private string[] Expected(byte[] entry)
    {
        int stackOffset = BinaryPrimitives.ReadInt16LittleEndian(entry);
        int baseOffset = BinaryPrimitives.ReadInt16LittleEndian(entry.AsSpan(2));
        int info = BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(4));
        string[] registers = _release == "7.2" ? _registers7 : _registers6;
        string stack = registers.ElementAtOrDefault(info & 15) ?? "u";
        string callers = registers.ElementAtOrDefault((info >> 4) & 15) ?? "?";
        bool isOld = _release == "6.1";
        string[] types = isOld ? ["call", "regs", "part"] : ["", "", "call", "regs", "part"];
        string type = types.ElementAtOrDefault((info >> 8) & (isOld ? 3 : 7)) ?? "";
        bool isSignal = isOld ? type != "call" : (info & 0x800) != 0;
        if (type.Length == 0 || stack is "u" or "c" || callers is not ("u" or "c" or "rbp"))
            return ["end"];
        var expressions = new List<string>();
        string frame = stack switch
        {
            "rsp" or "rbp" => $"{stack}{stackOffset:+0;-0;+0}",
            "*rsp" or "*rbp" => "exp",
            _ => $"{stack}+0",
        };
        if (stack == "*rsp")
            expressions.Add($"DW_OP_breg7 (rsp): 0; DW_OP_deref; DW_OP_consts: {stackOffset}; DW_OP_plus");
        if (stack == "*rbp")
            expressions.Add($"DW_OP_breg6 (rbp): {stackOffset}; DW_OP_deref");
        if (callers == "rbp")
            expressions.Add($"DW_OP_breg6 (rbp): {baseOffset}");
        string rbp = callers switch { "c" => $"c{baseOffset:+0;-0;+0}", "rbp" => "exp", _ => type == "regs" ? "c+32" : "u" };
        (string address, string rsp) = type switch { "call" => ("c-8", ""), "regs" => ("c+128", "c+152"), _ => ("c+0", "c+24") };
        return [$"{frame} {rbp} {address} {rsp} {isSignal}", .. expressions];
    }

    private void ReadRows(string[] lines)
    {
        var common = new Dictionary<string, (bool IsSignal, string Text)>();
        string[] columns = [];
        string cie = "";
        bool isSignal = false;
        (ulong Start, ulong End)? description = null;
        foreach (string line in lines)
        {
            if (Head().Match(line) is { Success: true } head)
            {
                isSignal = head.Groups["kind"].Success ? head.Groups["kind"].Value == "S" : common[head.Groups["cie"].Value].IsSignal;
                description = head.Groups["start"].Success ? (Number(head.Groups["start"].Value), Number(head.Groups["end"].Value)) : null;
                cie = line[..8];
                if (description is { } place)
                {
                    // One without instructions has no rows of its own.
                    _rows.Add((place.Start, place.End, common[head.Groups["cie"].Value].Text));
                    Count++;
                }
            }
            else if (line.Contains(" LOC ", StringComparison.Ordinal))
            {
                columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
            else if (line.Length > 16 && line[16] == ' ' && char.IsAsciiHexDigitLower(line[0]))
            {
                string[] cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                string Cell(string column) => Array.IndexOf(columns, column) is >= 0 and var index ? cells[index] : "";
                string rbp = Cell("rbp").Length > 0 ? Cell("rbp") : "u";
                string text = Cell("ra") == "u" ? "end" : $"{Cell("CFA")} {rbp} {Cell("ra")} {Cell("rsp")} {isSignal}";
                if (description is not { } place)
                {
                    common.Add(cie, (isSignal, text));
                    continue;
                }

                ulong start = Number(cells[0]);
                if (start == place.Start)
                    _rows.RemoveAt(_rows.Count - 1);
                else
                    _rows[^1] = _rows[^1] with { End = start };
                _rows.Add((start, place.End, text));
            }
        }
    }

    private void ReadExpressions(string[] lines)
    {
        ulong place = 0;
        foreach (string line in lines)
        {
            if (Head().Match(line) is { Success: true } head)
                place = head.Groups["start"].Success ? Number(head.Groups["start"].Value) : 0;
            else if (Advance().Match(line) is { Success: true } advance)
                place = Number(advance.Groups[1].Value);
            else if (line.Contains("expression", StringComparison.Ordinal) && Expression().Match(line) is { Success: true } expression)
                (_expressions.TryGetValue(place, out List<string>? known) ? known : _expressions[place] = []).Add(expression.Groups[2].Value);
        }
    }
}
