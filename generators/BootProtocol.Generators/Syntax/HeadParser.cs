using System.Collections.Generic;
using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>
/// Reads block heads. A word that cannot be read is reported and passed over, so that the block's rows are still read;
/// only a head without a name gives nothing.
/// </summary>
internal static class HeadParser
{
    internal static readonly string[] Blocks = ["protocol", "struct", "choice", "flags", "enum", "const", "notes", "rows"];

    private static readonly string[] StructWords = ["as", "packed", "at", "word", "size", "versions", "gate", "ends", "length", "align"];

    /// <summary>The words of a block's head behind its name, by the word that opens the block.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> Words = new Dictionary<string, string[]>
    {
        ["protocol"] = ["little", "big", "versions"],
        ["struct"] = StructWords,
        ["choice"] = ["as"],
        ["flags"] = ["as"],
        ["enum"] = ["as"],
        ["const"] = ["as"],
        ["notes"] = ["as", "owner"],
        ["rows"] = [],
    };

    public static ProtocolHead? Protocol(TokenReader reader, string doc)
    {
        if (reader.Word("the protocol's name") is not { } name)
            return null;
        bool isBig = reader.TryTake("big");
        if (!isBig && !reader.TryTake("little"))
        {
            reader.ReportMissing("'little' or 'big'");

            // What stands in its place has its message.
            if (!reader.IsAtEnd && !reader.Current.Is("versions"))
                reader.Take();
        }

        GateSyntax? versions = null;
        bool hasVersions = false;
        while (!reader.IsAtEnd)
        {
            Token token = reader.Take();
            if (!token.Is("versions"))
            {
                ReportUnknown(reader, token, "protocol", ["versions"]);
                continue;
            }

            if (hasVersions)
                reader.Problems.Add(SpecDescriptors.SaidTwice, token.Range, token.Text);
            hasVersions = true;
            versions = Versions(reader);
        }

        return new ProtocolHead(name, isBig, versions, doc);
    }

    public static StructSyntax? Struct(TokenReader reader, IReadOnlyList<RowSyntax?> rows)
    {
        if (reader.Word("the structure's name") is not { } name)
            return null;
        var head = new StructHead();
        Located<string>? csharpName = null;
        var seen = new HashSet<string>();
        while (!reader.IsAtEnd)
        {
            Token token = reader.Take();
            if (token.Kind == TokenKind.Word && !seen.Add(token.Text))
                reader.Problems.Add(SpecDescriptors.SaidTwice, token.Range, token.Text);
            switch (token.Kind == TokenKind.Word ? token.Text : "")
            {
                case "as":
                    csharpName = reader.Word("the C# name");
                    break;
                case "packed":
                    head.IsPacked = true;
                    break;
                case "at":
                    Start(reader, head);
                    break;
                case "word":
                    head.IsWord = true;
                    if (reader.IsAtEnd || reader.Current is not { Kind: TokenKind.Digits, Text: "32|64" })
                        reader.ReportMissing("'32|64'");
                    if (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Digits)
                        reader.Take();
                    break;
                case "size":
                    head.Size = Pair(reader, "a size in bytes");
                    break;
                case "align":
                    head.Align = Pair(reader, "the number of bytes that the structure's size is a multiple of");
                    break;
                case "gate":
                    head.GateField = reader.Word("the field that holds the version");
                    if (reader.TryTake("after"))
                        head.GateMagic = reader.Word("the field that holds the magic");
                    break;
                case "versions":
                    head.Versions = Versions(reader);
                    break;
                case "ends":
                    head.Ends = reader.Number("the position of the byte that says how many bytes follow it");
                    break;
                case "length":
                    head.LengthField = reader.Word("the field that holds the structure's length");
                    break;
                default:
                    ReportUnknown(reader, token, "struct", StructWords);
                    break;
            }
        }

        return new StructSyntax(name, csharpName, head, rows);
    }

    private static void Start(TokenReader reader, StructHead head)
    {
        if (reader.Number("the offset at which the structure starts") is not { } start)
            return;
        head.IsStartTooLarge = start.Value > StructHead.LargestOffset;
        head.BaseOffset = head.IsStartTooLarge ? 0 : start.Value;
        if (head.IsStartTooLarge)
            reader.Problems.Add(SpecDescriptors.ValueTooLarge, start.Range, $"0x{start.Value:x}", "'at'", $"0x{StructHead.LargestOffset:x}");
    }

    public static EnumSyntax? Enum(TokenReader reader, string kind, IReadOnlyList<EnumRow?> rows)
    {
        if (reader.Word($"the name of the {kind}") is not { } name)
            return null;
        Located<string>? csharpName = reader.TryTake("as") ? reader.Word("the C# name") : null;
        if (!reader.Symbol(":", "':' and the type of the stored number") || reader.Word("the type of the stored number") is not { } type)
            return null;
        EndHead(reader, kind, "':'", "the type");
        return new EnumSyntax(name, csharpName, kind, type, rows);
    }

    public static ChoiceSyntax? Choice(TokenReader reader, IReadOnlyList<ChoiceRow?> rows)
    {
        if (reader.Word("the name of the choice") is not { } name)
            return null;
        Located<string>? csharpName = reader.TryTake("as") ? reader.Word("the C# name") : null;
        if (!reader.Symbol(":", "':' and the type of the number that chooses") || reader.Word("the type of the number that chooses") is not { } type)
            return null;
        EndHead(reader, "choice", "':'", "the type");
        return new ChoiceSyntax(name, csharpName, type, rows);
    }

    public static NotesSyntax? Notes(TokenReader reader, IReadOnlyList<NoteRow?> rows)
    {
        if (reader.Word("the name of the notes") is not { } name)
            return null;
        Located<string>? csharpName = reader.TryTake("as") ? reader.Word("the C# name") : null;
        if (!reader.Symbol("owner", "'owner' and the quoted name in the note") || reader.Text("the quoted name in the note") is not { } owner)
            return null;
        EndHead(reader, "notes", "'owner'", "its name");
        return new NotesSyntax(name, csharpName, owner.Value, rows);
    }

    private static GateSyntax? Versions(TokenReader reader)
    {
        if (reader.IsAtEnd || reader.Current.Kind != TokenKind.Digits)
        {
            reader.ReportMissing("versions such as 2.00-2.15");
            return null;
        }

        Token token = reader.Take();
        GateSyntax? versions = Numbers.TryGate(token);
        if (versions?.Highest >= versions?.Lowest)
            return versions;
        reader.Problems.Add(SpecDescriptors.BadGate, token.Range, token.Text, "the lowest and the newest version, such as 2.00-2.15");
        return null;
    }

    private static Located<(ulong Narrow, ulong Wide)>? Pair(TokenReader reader, string what)
    {
        if (reader.IsAtEnd || reader.Current.Kind != TokenKind.Digits)
        {
            reader.ReportMissing(what);
            return null;
        }

        Token token = reader.Take();
        if (Numbers.TryPair(token.Text, out (ulong Narrow, ulong Wide) size))
            return new Located<(ulong Narrow, ulong Wide)>(size, token.Range);
        reader.Problems.Add(SpecDescriptors.BadNumber, token.Range, token.Text);
        return null;
    }

    /// <summary>Reports what stands behind the last part of a head: one message, and no word by word of what it may mean.</summary>
    /// <param name="reader">The head.</param>
    /// <param name="kind">The word that opens the block.</param>
    /// <param name="place">What the C# name stands in front of.</param>
    /// <param name="last">The last part.</param>
    private static void EndHead(TokenReader reader, string kind, string place, string last)
    {
        if (reader.IsAtEnd)
            return;
        if (reader.Current.Is("as"))
            reader.Problems.Add(SpecDescriptors.Missing, reader.Current.Range, $"'as' in front of {place}", $"instead of behind {last}");
        else
            reader.Problems.AddNear(SpecDescriptors.UnknownHeadWord, reader.Current.Range, null, reader.Current.Text, kind, $"nothing behind {last}");
    }

    private static void ReportUnknown(TokenReader reader, Token token, string kind, string[] words)
    {
        string expected = string.Join(", ", words);
        string? near = token.Kind == TokenKind.Word ? NearName.Find(token.Text, words) : null;
        reader.Problems.AddNear(SpecDescriptors.UnknownHeadWord, token.Range, near, token.Text, kind, expected);
    }
}
