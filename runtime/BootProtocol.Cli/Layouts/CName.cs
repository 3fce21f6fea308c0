using System.Text;

namespace BootProtocol.Cli.Layouts;

/// <summary>Makes names and comments that a C compiler accepts.</summary>
internal static class CName
{
    private static readonly HashSet<string> _keywords = new(StringComparer.Ordinal)
    {
        "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "char16_t", "char32_t",
        "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const", "const_cast", "consteval", "constexpr", "constinit",
        "continue", "decltype", "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false",
        "float", "for", "friend", "goto", "i386", "if", "inline", "int", "linux", "long", "mutable", "namespace", "new", "noexcept", "not",
        "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict",
        "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local",
        "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual", "union", "unix", "unsigned", "using", "virtual",
        "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
    };

    /// <summary>A field's name; words of C23 and C++20, and macros of gcc, get an underscore.</summary>
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
