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

    /// <summary>Whether a word looks like an option.</summary>
    public static bool IsOption(string word) => word.StartsWith('-') && word != InputFile.Standard;
}
