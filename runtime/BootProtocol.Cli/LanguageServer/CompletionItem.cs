namespace BootProtocol.Cli.LanguageServer;

/// <summary>A word that an editor may put in.</summary>
/// <param name="Label">The word.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Detail">Its type or kind; may be empty.</param>
/// <param name="Doc">What it means; may be empty.</param>
internal sealed record CompletionItem(string Label, CompletionKind Kind, string Detail, string Doc);

/// <summary>What a word is, numbered as the protocol does.</summary>
internal enum CompletionKind
{
    /// <summary>A function.</summary>
    Function = 3,

    /// <summary>A field.</summary>
    Field = 5,

    /// <summary>Flags or an enumeration.</summary>
    Enum = 13,

    /// <summary>A word of the language.</summary>
    Keyword = 14,

    /// <summary>A value of an enumeration.</summary>
    EnumMember = 20,

    /// <summary>A structure or a choice.</summary>
    Struct = 22,

    /// <summary>A type that the language has.</summary>
    Type = 25,
}
