using System.CommandLine;
using System.CommandLine.Parsing;

namespace BootProtocol.Cli.Commands;

/// <summary>Rules that arguments of several commands share.</summary>
internal static class ArgumentRules
{
    /// <summary>The argument of commands that work on an image.</summary>
    public static Argument<string?> Image()
    {
        var image = new Argument<string?>("IMAGE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A kernel image. Without it: the running system's kernel, or else an image that the tool makes itself.",
        };
        RefuseOptions(image);
        return image;
    }

    /// <summary>Refuses values that look like an option: they are mistyped ones. A file of such a name can be given as <c>./-name</c>.</summary>
    public static void RefuseOptions(Argument argument) => argument.Validators.Add(static result =>
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value.StartsWith('-'))
                result.AddError($"Unrecognized option '{token.Value}'");
        }
    });
}
