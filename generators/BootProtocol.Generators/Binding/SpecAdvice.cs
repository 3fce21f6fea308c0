using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Advises on spec files that are right but could be better.</summary>
internal static class SpecAdvice
{
    /// <summary>The advice on a file.</summary>
    public static IReadOnlyList<SpecProblem> Of(SpecFile file)
    {
        var problems = new ProblemList();
        foreach (BlockSyntax block in file.Blocks)
            Advise(block, problems);
        return problems.Problems;
    }

    private static void Advise(BlockSyntax block, ProblemList problems)
    {
        if (block.Doc.Length == 0)
            problems.Add(SpecDescriptors.NoDoc, block.Name.Range, block.Name.Value);
        IEnumerable<RowSyntax?> rows = block is ChoiceSyntax ? [] : block.AllRows;
        bool hasAccess = block is StructSyntax && rows.Any(row => row?.Access.Count > 0);
        foreach (RowSyntax row in rows.OfType<RowSyntax>().Where(row => row.Name.Value.Length > 0))
        {
            if (row.Doc.Length == 0)
                problems.Add(SpecDescriptors.NoDoc, row.Name.Range, row.Name.Value);
            if (hasAccess && row.Access.Count == 0 && row is not LetRow)
                problems.Add(SpecDescriptors.NoAccess, row.Name.Range, row.Name.Value, block.Name.Value);
        }
    }
}
