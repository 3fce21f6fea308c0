using System.CommandLine;
using System.CommandLine.Parsing;

namespace BootProtocol.Cli.Commands;

/// <summary>Rules that arguments of several commands share.</summary>
internal static class ArgumentRules
{
    /// <summary>
    /// Refuses values that look like an option: they are mistyped ones. <c>-</c> alone is standard input, and a file of such a name can be
    /// given behind <c>--</c>, or as <c>./-name</c>.
    /// </summary>
    public static void RefuseOptions(Argument argument) => argument.Validators.Add(static result =>
    {
        foreach (Token token in result.Tokens)
        {
            if (IsOption(token.Value))
                result.AddError($"Unrecognized option '{token.Value}'");
        }
    });

    /// <summary>
    /// Refuses words whose bytes are not UTF-8: the runtime has put U+FFFD in their place, so that a guest, QEMU or a file's name would get other
    /// bytes than those that were given.
    /// </summary>
    /// <exception cref="ToolException">There is one.</exception>
    public static void RefuseOtherBytes(IEnumerable<string> words)
    {
        if (words.FirstOrDefault(static word => word.Contains('\ufffd', StringComparison.Ordinal)) is { } wrong)
            throw new ToolException(ExitCode.Usage, $"expected an argument in UTF-8, found other bytes in '{wrong}'");
    }

    /// <summary>Whether a word looks like an option.</summary>
    public static bool IsOption(string word) => word.StartsWith('-') && word != InputFile.Standard;
}
