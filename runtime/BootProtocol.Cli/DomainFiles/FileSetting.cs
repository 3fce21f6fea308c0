using System.Collections.Immutable;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>One setting of a domain's file: a key with a value, or with a list of them.</summary>
/// <param name="Key">The key.</param>
/// <param name="Values">The values; null for a list in the list, which no key that is taken here has.</param>
/// <param name="IsList">Whether it is a list, even of one value.</param>
/// <param name="IsAddition">Whether it adds to what is there of the key (<c>+=</c>).</param>
/// <param name="Line">The line of the key, counted from 1.</param>
internal sealed record FileSetting(string Key, ImmutableArray<string?> Values, bool IsList, bool IsAddition, int Line)
{
    /// <summary>What the key has with this behind another setting of it: lists are joined, and so are texts; null if one is a list and one is not.</summary>
    public FileSetting? Behind(FileSetting other)
    {
        if (!IsAddition)
            return this;
        if (IsList != other.IsList)
            return null;
        return this with { Values = IsList ? other.Values.AddRange(Values) : [other.Values[0] + Values[0]] };
    }
}
