using System.Globalization;
using System.Text;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Tables;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>How much of the specs C agrees with, and what has no twin in C, with the place that it comes from instead.</summary>
internal static class Summary
{
    private static readonly (TwinKind Kind, string Label)[] Counted =
    [
        (TwinKind.Structure, "structures"),
        (TwinKind.Field, "fields"),
        (TwinKind.Enumerator, "enumerators"),
        (TwinKind.Note, "notes"),
    ];

    public static string Of(HeaderSet headers, ProofPlan narrow, ProofPlan wide)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{$"Proved: {headers.Name} headers",-26}{"64-bit",8}{"32-bit",8}{"in spec/",10}");
        foreach ((TwinKind kind, string label) in Counted)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {label,-24}{Count(wide, kind),8}{Count(narrow, kind),8}{wide.Specs.Count(kind),10}");
        TwinLine[] none =
        [
            .. wide.WithoutTwin.Union(narrow.WithoutTwin).OrderBy(line => line.File, StringComparer.Ordinal).ThenBy(line => line.Number),
        ];
        text.AppendLine(CultureInfo.InvariantCulture, $"Without a twin in these headers: {none.Length}");
        // The reasons are the same for all sets: they are listed once.
        if (headers != HeaderSet.Installed)
            return text.ToString();
        foreach (TwinLine line in none)
        {
            string bits = line.Bits == 0 ? "" : $" ({line.Bits} bits)";
            string reason = line.IsNone ? line.Text : $"in C {line.Range}";
            text.AppendLine(CultureInfo.InvariantCulture, $"  {Word(line.Kind)} {line.Name}{bits}: {reason}");
        }

        return text.ToString();
    }

    private static int Count(ProofPlan plan, TwinKind kind) => plan.Proofs.Sum(proof => proof.Assertions.Count(assertion => assertion.Kind == kind));

    private static string Word(TwinKind kind) => kind switch
    {
        TwinKind.Structure => "struct",
        TwinKind.Enumeration => "enum",
        TwinKind.Constants => "const",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
