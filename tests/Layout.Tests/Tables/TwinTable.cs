using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace BootProtocol.Layout.Tests.Tables;

/// <summary>A twin table as it was written.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Preamble">The C lines that make the twins known.</param>
/// <param name="Lines">What it says of the specs.</param>
/// <param name="Apart">Patterns of C names that belong to a family and are the twin of nothing.</param>
/// <param name="Problems">Lines that could not be read.</param>
internal sealed record TwinTable(
    string File, ImmutableArray<string> Preamble, ImmutableArray<TwinLine> Lines, ImmutableArray<Regex> Apart, ImmutableArray<string> Problems);
