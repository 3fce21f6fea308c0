using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.OwnSpecs;

/// <summary>Reads spec files as the source generator does, and makes the tables of them that shipped structures have.</summary>
internal static class SpecFiles
{
    /// <summary>The largest file, in characters; the largest shipped one has less than a tenth of it.</summary>
    public const int LargestFile = 1 << 20;

    /// <summary>The most mistakes that are shown: a file with more of them is none that a person would write.</summary>
    private const int MostProblems = 100;

    /// <summary>The extension of spec files.</summary>
    public const string Extension = ".bootspec";

    private static readonly Lazy<SpecFile[]> _shipped = new(static () => [.. ReadShipped()]);

    /// <summary>The shipped specs, which are resources of the tool.</summary>
    public static IReadOnlyList<SpecFile> Shipped => _shipped.Value;

    /// <summary>Reads files together: each may use the types of the others, and the shipped ones that no file replaces.</summary>
    /// <param name="paths">The files; <c>-</c> is standard input.</param>
    /// <exception cref="ToolException">A file cannot be read.</exception>
    /// <exception cref="SpecFileException">There is a mistake in one.</exception>
    public static SpecLibrary Read(IReadOnlyList<string> paths)
    {
        SpecFile[] own = [.. paths.Distinct(StringComparer.Ordinal).Select(Parse)];
        var scope = new SpecScope(own, []);
        HashSet<string> ownPaths = [.. own.Select(static file => file.Path)];
        ThrowIfAny([.. scope.Bound.Problems.Where(problem => ownPaths.Contains(problem.Path))]);
        return scope.Library;
    }

    private static SpecFile Parse(string path)
    {
        string name = path == InputFile.Standard ? InputFile.StandardInputName : path;
        string text = InputFile.Open(path, file => Text(File.OpenRead(file), name), stream => Text(stream, name));
        return Parse(name, text);
    }

    private static SpecFile Parse(string name, string text) => SpecParser.Parse(name, text.ReplaceLineEndings("\n").Split('\n'));

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="ToolException">It is too large.</exception>
    public static string Text(Stream stream, string name)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var buffer = new char[LargestFile + 1];
        int length = reader.ReadBlock(buffer);
        return length <= LargestFile
            ? new string(buffer, 0, length)
            : throw new ToolException(ExitCode.BadInput, $"{name}: is no spec file: it has more than {LargestFile} characters");
    }

    private static IEnumerable<SpecFile> ReadShipped()
    {
        Assembly assembly = typeof(SpecFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(static name => name.EndsWith(Extension, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            yield return Parse($"shipped {name}", Text(stream, name));
        }
    }

    private static void ThrowIfAny(ImmutableArray<FileProblem> problems)
    {
        if (problems.IsEmpty)
            return;
        List<string> lines = [.. problems.Take(MostProblems).Select(Line)];
        if (problems.Length > MostProblems)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"error: {problems.Length - MostProblems} more mistakes"));
        throw new SpecFileException(lines);
    }

    private static string Line(FileProblem problem)
    {
        SourceRange range = problem.Problem.Range;
        string place = string.Create(CultureInfo.InvariantCulture, $"{problem.Path}({range.Line + 1},{range.Column + 1})");
        return $"{place}: error {problem.Problem.Descriptor.Id}: {problem.Problem.Message}";
    }
}
