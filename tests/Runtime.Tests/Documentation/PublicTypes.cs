using System.Reflection;
using System.Xml.Linq;
using BootProtocol.Kexec;
using BootProtocol.Kvm;
using BootProtocol.Memory;
using BootProtocol.Stubs;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Documentation;

/// <summary>The public types of the packages, and the examples in the documentation that the build writes beside each assembly.</summary>
internal static class PublicTypes
{
    private static readonly Assembly[] _assemblies =
    [
        typeof(ParseError).Assembly, typeof(GuestMemory).Assembly, typeof(EntryStub).Assembly, typeof(XenUnavailableException).Assembly,
        typeof(KvmMachine).Assembly, typeof(KexecLoader).Assembly,
    ];

    private static readonly Lazy<Dictionary<string, XElement>> _documentation = new(ReadDocumentation);

    /// <summary>All of them but those inside another one, whose example is theirs.</summary>
    public static IEnumerable<Type> Outer => _assemblies.SelectMany(assembly => assembly.GetExportedTypes()).Where(type => !type.IsNested);

    /// <summary>The namespaces that hold them.</summary>
    public static IEnumerable<string> Namespaces => Outer.Select(type => type.Namespace!).Distinct();

    /// <summary>The examples of all types, those inside others too; a type may have several.</summary>
    public static IEnumerable<Example> Examples =>
        from type in _assemblies.SelectMany(assembly => assembly.GetExportedTypes())
        where _documentation.Value.ContainsKey(Example.NameOf(type))
        from code in _documentation.Value[Example.NameOf(type)].Elements("example").Elements("code")
        select new Example(type, Unindent(code.Value));

    private static Dictionary<string, XElement> ReadDocumentation() => _assemblies
        .SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        .Where(member => member.Attribute("name")!.Value.StartsWith("T:", StringComparison.Ordinal))
        .ToDictionary(member => member.Attribute("name")!.Value[2..]);

    private static string Unindent(string code)
    {
        string[] lines = [.. code.Split('\n').Select(line => line.TrimEnd()).SkipWhile(line => line.Length == 0)];
        int indentation = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indentation..])).TrimEnd();
    }
}
