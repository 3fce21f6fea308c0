using System.Collections.Immutable;

namespace BootProtocol.Layout.Tests.Tables;

/// <summary>A twin table as it was written.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Preamble">The C lines that make the twins known.</param>
/// <param name="Lines">What it says of the specs.</param>
/// <param name="Problems">Lines that could not be read.</param>
internal sealed record TwinTable(string File, ImmutableArray<string> Preamble, ImmutableArray<TwinLine> Lines, ImmutableArray<string> Problems);
