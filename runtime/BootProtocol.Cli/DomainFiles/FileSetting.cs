using System.Collections.Immutable;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>One setting of a domain's file: a key with a value, or with a list of them.</summary>
/// <param name="Key">The key.</param>
/// <param name="Values">The values; lists in lists are not taken.</param>
/// <param name="IsList">Whether it is a list, even of one value.</param>
/// <param name="Line">The line of the key, counted from 1.</param>
internal sealed record FileSetting(string Key, ImmutableArray<string> Values, bool IsList, int Line);
