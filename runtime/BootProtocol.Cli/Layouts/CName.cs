using System.Text;

namespace BootProtocol.Cli.Layouts;

/// <summary>Makes names and comments that a C compiler accepts.</summary>
internal static class CName
{
    private static readonly HashSet<string> _keywords = new(StringComparer.Ordinal)
    {
        "asm", "auto", "bool", "break", "case", "catch", "char", "class", "const", "continue", "default", "delete", "do", "double", "else",
        "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "linux", "long", "mutable",
        "namespace", "new", "operator", "private", "protected", "public", "register", "restrict", "return", "short", "signed", "sizeof",
        "static", "struct", "switch", "template", "this", "throw", "true", "try", "typedef", "typename", "typeof", "union", "unix",
        "unsigned", "using", "virtual", "void", "volatile", "while",
    };

    /// <summary>A field's name; words of C and C++ get an underscore.</summary>
    public static string Field(string name) => _keywords.Contains(name) ? $"{name}_" : name;

    /// <summary>A name in capitals, for a macro.</summary>
    public static string Macro(string name)
    {
        var macro = new StringBuilder(name.Length);
        foreach (char character in name)
            macro.Append(char.IsAsciiLetterOrDigit(character) ? char.ToUpperInvariant(character) : '_');
        return macro.ToString();
    }

    /// <summary>A text for the inside of a comment, in one line.</summary>
    public static string Comment(string text) => text
        .Replace('\n', ' ')
        .Replace("*/", "* /", StringComparison.Ordinal)
        .Replace("/*", "/ *", StringComparison.Ordinal);
}
