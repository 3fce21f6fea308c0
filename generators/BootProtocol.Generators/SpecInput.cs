using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Generators;

/// <summary>A spec file before it is read.</summary>
internal sealed record SpecInput(AdditionalText Text, SpecOptions Options)
{
    /// <summary>The extension of spec files.</summary>
    public const string Extension = ".bootspec";

    public static bool IsSpec(AdditionalText file) => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    public SpecSource Parse(CancellationToken cancel)
    {
        SourceText? text = Text.GetText(cancel);
        IEnumerable<string> lines = text is null ? [] : text.Lines.Select(line => line.ToString());
        return new SpecSource(SpecParser.Parse(Text.Path, lines), Options.RootNamespace, Options.IsImport);
    }
}
