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
    private const int LargestFile = 1 << 20;

    /// <summary>The most mistakes that are shown: a file with more of them is none that a person would write.</summary>
    private const int MostProblems = 100;

    private const string Extension = ".bootspec";

    // What C# would call the types does not matter here; two namespaces keep the shipped ones and the others apart.
    private const string ShippedNamespace = "BootProtocol";
    private const string OwnNamespace = "BootSpecs";

    /// <summary>Reads files together: each may use the types of the others, and the shipped ones that no file replaces.</summary>
    /// <param name="paths">The files; <c>-</c> is standard input.</param>
    /// <exception cref="ToolException">A file cannot be read.</exception>
    /// <exception cref="SpecFileException">There is a mistake in one.</exception>
    public static SpecLibrary Read(IReadOnlyList<string> paths)
    {
        SpecFile[] own = [.. paths.Distinct(StringComparer.Ordinal).Select(Parse)];
        HashSet<string> names = [.. own.SelectMany(static file => file.Blocks).Select(static block => block.Name.Value)];
        IEnumerable<SpecFile> shipped = Shipped().Select(
            file => file with { Blocks = [.. file.Blocks.Where(block => !names.Contains(block.Name.Value))] });
        BindResult bound = SpecBinder.Bind(
        [
            .. own.Select(static file => new SpecSource(file, OwnNamespace, IsImport: false)),
            .. shipped.Select(static file => new SpecSource(file, ShippedNamespace, IsImport: false)),
        ]);
        HashSet<string> ownPaths = [.. own.Select(static file => file.Path)];
        ThrowIfAny([.. bound.Problems.Where(problem => ownPaths.Contains(problem.Path))]);
        return new FileLibrary(bound, static name => name.StartsWith(OwnNamespace, StringComparison.Ordinal));
    }

    private static SpecFile Parse(string path)
    {
        string name = path == InputFile.Standard ? InputFile.StandardInputName : path;
        string text = InputFile.Open(path, file => Text(File.OpenRead(file), name), stream => Text(stream, name));
        return Parse(name, text);
    }

    private static SpecFile Parse(string name, string text) => SpecParser.Parse(name, text.ReplaceLineEndings("\n").Split('\n'));

    private static string Text(Stream stream, string name)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var buffer = new char[LargestFile + 1];
        int length = reader.ReadBlock(buffer);
        return length <= LargestFile
            ? new string(buffer, 0, length)
            : throw new ToolException(ExitCode.BadInput, $"{name}: is no spec file: it has more than {LargestFile} characters");
    }

    /// <summary>The shipped specs, which are resources of the tool.</summary>
    private static IEnumerable<SpecFile> Shipped()
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
