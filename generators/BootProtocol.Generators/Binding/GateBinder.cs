using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Checks gates and access words against the protocol's versions.</summary>
internal static class GateBinder
{
    private static readonly (string Word, string Other)[] Contradictions =
        [("read", "write"), ("internal", "write"), ("internal", "modify"), ("obligatory", "optional")];

    /// <summary>Whether the gate is written as the protocol writes its versions, in order, and about versions that exist.</summary>
    public static bool Check(GateSyntax gate, Declaration owner)
    {
        if (gate.IsAll)
            return true;
        GateSyntax? versions = owner.Versions;
        bool isDotted = versions?.IsDotted ?? false;
        if (gate.IsDotted != isDotted)
        {
            owner.Problems.Add(SpecDescriptors.GateStyle, gate.Text.Range, gate.Text.Value, Style(gate.IsDotted), Style(isDotted));
            return false;
        }

        if (gate.Highest < gate.Lowest)
        {
            string reversed = $"{Version(gate.Highest!.Value, isDotted)}-{Version(gate.Lowest, isDotted)}";
            owner.Problems.AddMendable(SpecDescriptors.GateReversed, gate.Text.Range, reversed, gate.Text.Value, reversed);
            return false;
        }

        if (versions is null)
            return true;
        foreach (uint version in new[] { gate.Lowest, gate.Highest ?? gate.Lowest })
        {
            if (version >= versions.Lowest && version <= versions.Highest)
                continue;
            owner.Problems.Add(
                SpecDescriptors.GateUnknownVersion, gate.Text.Range, gate.Text.Value, Version(version, isDotted), versions.Text.Value);
            return false;
        }

        return true;
    }

    /// <summary>Whether the structure of a row with a gate has a version at all.</summary>
    public static bool HasVersion(RowSyntax row, Declaration owner, StructHead head)
    {
        if (head.GateField is not null || row.Gate is not { } gate)
            return true;
        owner.Problems.Add(SpecDescriptors.GateWithoutVersion, gate.Text.Range, row.Name.Value, gate.Text.Value, owner.Name);
        return false;
    }

    /// <summary>The gate as the model keeps it: null where every version from the lowest on has the row.</summary>
    public static GateModel? Model(GateSyntax? gate, uint lowest)
        => gate is null || gate.IsAll || (gate.Lowest <= lowest && gate.Highest is null)
            ? null
            : new GateModel(gate.Lowest, gate.Highest, gate.Text.Value);

    public static AccessModel? Access(RowSyntax row, Declaration owner)
    {
        List<Located<string>> words = row.Access;
        for (int i = 0; i < words.Count; i++)
        {
            // Rights of two different spans of versions may differ.
            if (row.SecondGate is not null && i >= row.AccessBeforeSecondGate)
                break;
            foreach (Located<string> earlier in words.Take(i))
            {
                (string, string) both = (earlier.Value, words[i].Value);
                if (!Contradictions.Any(pair => (pair.Word, pair.Other) == both || (pair.Other, pair.Word) == both))
                    continue;
                owner.Problems.Add(SpecDescriptors.Contradiction, words[i].Range, words[i].Value, earlier.Value);
                return null;
            }
        }

        GateModel? writeGate = null;
        if (row.SecondGate is { } second)
        {
            bool isBeforeWrite = row.AccessBeforeSecondGate > 0
                && words.Skip(row.AccessBeforeSecondGate).FirstOrDefault().Value is "write" or "modify";
            if (!isBeforeWrite)
            {
                owner.Problems.Add(SpecDescriptors.SecondGate, second.Text.Range, second.Text.Value);
                return null;
            }

            if (!Check(second, owner))
                return null;
            writeGate = Model(second, owner.Versions?.Lowest ?? 0);
        }

        bool canWrite = words.Count == 0 || words.Any(word => word.Value is "write" or "modify");
        return new AccessModel(canWrite, writeGate, Text(row));
    }

    private static string Text(RowSyntax row)
    {
        IEnumerable<string> words = row.Access.Select(word => word.Value);
        if (row.SecondGate is { } second)
        {
            words = words.Take(row.AccessBeforeSecondGate)
                .Concat([second.Text.Value])
                .Concat(words.Skip(row.AccessBeforeSecondGate));
        }

        return string.Join(" ", words);
    }

    private static string Style(bool isDotted) => isDotted ? "major.minor" : "as a plain number";

    private static string Version(uint version, bool isDotted)
        => isDotted
            ? string.Format(CultureInfo.InvariantCulture, "{0}.{1:00}", version >> 8, version & 0xff)
            : version.ToString(CultureInfo.InvariantCulture);
}
