using System.Collections.Immutable;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Specs;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>What C is to agree with for one word size: every name of the specs that the tables do not call one without a twin.</summary>
internal sealed class ProofPlan
{
    private readonly TwinSet _twins;
    private readonly int _bits;
    private readonly HeaderSet _headers;
    private readonly TwinMeasures _measures;
    private readonly Dictionary<TwinTable, List<Assertion>> _assertions;
    private readonly List<TwinLine> _withoutTwin = [];
    private readonly List<string> _problems = [];

    public ProofPlan(SpecIndex specs, TwinSet twins, int bits, HeaderSet headers)
    {
        Specs = specs;
        _twins = twins;
        _bits = bits;
        _headers = headers;
        _measures = new TwinMeasures(twins, bits, headers);
        _assertions = twins.Tables.ToDictionary(table => table, _ => new List<Assertion>());
        foreach (SpecStructure structure in specs.Structures)
            Plan(structure);
        foreach (SpecEnumeration enumeration in specs.Enumerations)
            Plan(enumeration);
        foreach (SpecNotes notes in specs.Notes)
            Plan(notes);
        Proofs = [.. twins.Tables.Where(table => _assertions[table].Count > 0).Select(table => new TableProof(table, bits, [.. _assertions[table]]))];
    }

    /// <summary>What is to be proved.</summary>
    public SpecIndex Specs { get; }

    public ImmutableArray<TableProof> Proofs { get; }

    /// <summary>The lines by which something has no twin.</summary>
    public IReadOnlyList<TwinLine> WithoutTwin => _withoutTwin;

    /// <summary>Names of the specs that the tables forget.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The structures that have a twin, with the layout of this word size.</summary>
    public IEnumerable<(SpecStructure Structure, SpecVariant Variant, TableProof Proof)> Twins
        => from proof in Proofs
           from assertion in proof.Assertions
           where assertion.Kind == TwinKind.Structure
           let structure = Specs.Structure(assertion.Name)
           select (structure, Variant(structure), proof);

    /// <summary>The name that a twin has in the C file: it may be of a type without a name.</summary>
    public static string TypeName(string structure) => $"twin_{structure}";

    /// <summary>The size of a structure's twin.</summary>
    public int SizeInC(SpecStructure structure) => _measures.Of(structure).Size;

    private SpecVariant Variant(SpecStructure structure) => structure.Variant((WordSize)_bits);

    private void Plan(SpecStructure structure)
    {
        TwinLine[] lines = [.. _twins.Lines(TwinKind.Structure, structure.Name).Where(line => line.HoldsFor(_bits))];
        if (lines.Length == 0)
        {
            _problems.Add($"struct {structure.Name}: no table has a twin for {_bits} bits, or a 'none' line with the reason why there is none");
            return;
        }

        if (Asserted(lines) is not { } twin)
            return;
        SpecVariant variant = Variant(structure);
        string type = TypeName(structure.Name);
        TwinMeasure measure = _measures.Of(structure);
        List<Assertion> assertions = _assertions[TableOf(twin)];
        // A layout that serves both word sizes carries the alignment of the 64-bit one.
        string alignment = variant.Bits != _bits && _bits != 64 ? "" : $"""

            _Static_assert(_Alignof({type}) == {measure.Alignment}, "{structure.Name}: the alignment is not {measure.Alignment}");
            """;
        assertions.Add(new Assertion(TwinKind.Structure, structure.Name, $"""
            typedef {twin.Text} {type};
            {measure.SizeAssertion(type, structure.Name)}{alignment}
            """));
        foreach (SpecField field in variant.Fields.Where(field => field.Kind != SpecKind.Pad))
        {
            if (Text(TwinKind.Field, structure.Name, field.Name) is not { } member)
                continue;
            string name = $"{structure.Name}.{field.Name}";
            assertions.Add(new Assertion(TwinKind.Field, name, $"""
                _Static_assert(offsetof({type}, {member}) == 0x{field.Offset:x}, "{name}: the offset is not 0x{field.Offset:x}");
                {_measures.Of(field).SizeAssertion($"(({type} *)0)->{member}", name)}
                """));
        }
    }

    private void Plan(SpecEnumeration enumeration)
    {
        TwinKind kind = enumeration.Word switch { "flags" => TwinKind.Flags, "const" => TwinKind.Constants, _ => TwinKind.Enumeration };
        if (_twins.Lines(kind, enumeration.Name).FirstOrDefault(line => line.HoldsFor(_bits)) is { } none)
        {
            _withoutTwin.Add(none);
            return;
        }

        PlanValues(
            $"{enumeration.Word} {enumeration.Name}",
            TwinKind.Enumerator,
            enumeration.Protocol,
            enumeration.Name,
            enumeration.Enumerators.Select(row => (row.Name, row.Value)));
    }

    private void Plan(SpecNotes notes)
    {
        if (_twins.Lines(TwinKind.Notes, notes.Name).FirstOrDefault(line => line.HoldsFor(_bits)) is { } none)
            _withoutTwin.Add(none);
        else
            PlanValues($"notes {notes.Name}", TwinKind.Note, notes.Protocol, notes.Name, notes.Notes.Select(note => (note.Name, (ulong)note.Number)));
    }

    private void PlanValues(string label, TwinKind kind, string protocol, string block, IEnumerable<(string Name, ulong Value)> rows)
    {
        if (_twins.TableOf(protocol) is not { } table)
        {
            _problems.Add($"{label}: no table speaks of protocol {protocol}");
            return;
        }

        foreach ((string row, ulong value) in rows)
        {
            if (Text(kind, block, row) is not { } expression)
                continue;
            string code = $"_Static_assert((unsigned long long)({expression}) == 0x{value:x}ULL, \"{block}.{row}: the value is not 0x{value:x}\");";
            _assertions[table].Add(new Assertion(kind, $"{block}.{row}", code));
        }
    }

    /// <summary>What a member is in C: its own name unless a line says otherwise; null if it has no twin for this word size.</summary>
    private string? Text(TwinKind kind, string block, string member)
    {
        TwinLine[] lines = [.. _twins.Lines(kind, block, member)];
        return lines.Length == 0 ? member : Asserted([.. lines.Where(line => line.HoldsFor(_bits))])?.Text;
    }

    /// <summary>The line of these that names a twin in these headers; where there is none, that is kept.</summary>
    private TwinLine? Asserted(TwinLine[] lines)
    {
        TwinLine? line = lines.FirstOrDefault(line => line.HoldsFor(_bits, _headers)) ?? lines.FirstOrDefault();
        bool isTwin = line is not null && !line.IsNone && line.HoldsFor(_bits, _headers);
        if (line is not null && !isTwin)
            _withoutTwin.Add(line);
        return isTwin ? line : null;
    }

    private TwinTable TableOf(TwinLine line) => _twins.Tables.First(table => table.File == line.File);
}
