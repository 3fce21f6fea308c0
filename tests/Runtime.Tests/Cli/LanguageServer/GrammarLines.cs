using BootProtocol.Testing;
using TextMateSharp.Grammars;
using TextMateSharp.Internal.Grammars.Reader;
using TextMateSharp.Internal.Types;
using TextMateSharp.Registry;
using TextMateSharp.Themes;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>Lines with the scopes that the extension's grammar gives them, by an interpreter of such grammars.</summary>
internal sealed class GrammarLines
{
    private static readonly Lazy<IGrammar> _grammar = new(static () => new Registry(new Files()).LoadGrammar("source.bootspec"));

    private readonly List<IToken[]> _lines = [];

    public GrammarLines(IEnumerable<string> lines)
    {
        IStateStack? state = null;
        foreach (string line in lines)
        {
            ITokenizeLineResult result = _grammar.Value.TokenizeLine(line, state, TimeSpan.FromMinutes(5));
            _lines.Add(result.Tokens);
            state = result.RuleStack;
        }
    }

    /// <summary>The innermost scope at a place, without the language's name at its end; empty where nothing has a colour.</summary>
    public string At(int line, int column)
    {
        IToken token = _lines[line].Last(token => token.StartIndex <= column);
        string scope = token.Scopes[^1];
        return scope == "source.bootspec" ? "" : scope.Replace(".bootspec", "", StringComparison.Ordinal);
    }

    private sealed class Files : IRegistryOptions
    {
        public IRawGrammar GetGrammar(string scopeName)
        {
            using StreamReader file = File.OpenText(Repository.File("generators", "vscode", "syntaxes", "bootspec.tmLanguage.json"));
            return GrammarReader.ReadGrammarSync(file);
        }

        public ICollection<string> GetInjections(string scopeName) => [];

        public IRawTheme GetDefaultTheme() => GetTheme("");

        public IRawTheme GetTheme(string scopeName)
        {
            using var empty = new StreamReader(new MemoryStream("{}"u8.ToArray()));
            return TextMateSharp.Internal.Themes.Reader.ThemeReader.ReadThemeSync(empty);
        }
    }
}
