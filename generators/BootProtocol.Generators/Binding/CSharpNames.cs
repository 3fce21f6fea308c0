using System.Linq;
using System.Text;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Derives C# names from the protocols' own spellings.</summary>
internal static class CSharpNames
{
    /// <summary>Members that every generated structure declares: neither itself nor a field may become one of them.</summary>
    public static readonly string[] Declared =
    [
        "Author", "AsSpan", "Create", "Edit", "Layout", "Parse", "TryEdit", "TryParse", "Validate", "Writer",
        "_bytes", "_length", "_narrow", "_version", "_word",
    ];

    /// <summary>Members that every structure of varying size declares, too.</summary>
    public static readonly string[] DeclaredWhereVarying = ["Build", "Builder"];

    /// <summary>Members that every generated structure has: no field may become one of them.</summary>
    public static readonly string[] Reserved =
    [
        .. Declared, "AsView", "Equals", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "SizeOf", "ToString", "View",
    ];

    /// <summary>Members that the generated type of every notes block declares: neither itself nor a note may become one of them.</summary>
    public static readonly string[] DeclaredInNotes = ["Layout", "Number", "_source"];

    /// <summary>Members that the generated type of every notes block has: no note may become one of them.</summary>
    public static readonly string[] ReservedInNotes =
        [.. DeclaredInNotes, "Equals", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"];

    /// <summary>Members that the generated type of every choice declares: neither itself nor an alternative may become one of them.</summary>
    public static readonly string[] DeclaredInChoices = ["AsSpan", "Kind", "Layout", "Tag", "TryMeasure", "_bytes", "_place", "_tag", "_word"];

    /// <summary>What the kind of an unknown tag is called: no alternative may become that.</summary>
    public const string UnknownKind = "Unknown";

    /// <summary>What the names of the fields start with that hold where a row of varying size ends.</summary>
    public const string TailEnd = "_end";

    /// <summary>The class that lists everything.</summary>
    public const string Catalog = "SpecCatalog";

    /// <summary><c>setup_header</c> becomes <c>SetupHeader</c>, <c>LOADED_HIGH</c> becomes <c>LoadedHigh</c>.</summary>
    public static string Pascal(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (string part in name.Split('_'))
        {
            if (part.Length == 0)
                continue;
            bool isShouted = part.Length > 1 && part.All(c => !char.IsLower(c));
            result.Append(char.ToUpperInvariant(part[0]));
            result.Append(isShouted ? part.Substring(1).ToLowerInvariant() : part.Substring(1));
        }

        return result.ToString();
    }

    /// <summary>The name of the property of a row: as it says, or derived. Null if it is none, which is reported.</summary>
    public static string? Of(RowSyntax row, ProblemList problems)
    {
        Located<string> written = row.CSharpName ?? row.Name;
        string name = row.CSharpName?.Value ?? Pascal(row.Name.Value);
        if (IsName(name))
            return name;
        problems.Add(SpecDescriptors.NotACSharpName, written.Range, written.Value, name);
        return null;
    }

    /// <summary>Whether a derived name can stand in C#; keywords are all lower case, so capitals never collide with them.</summary>
    public static bool IsName(string name)
        => name.Length > 0 && !char.IsDigit(name[0]) && (char.IsUpper(name[0]) || name[0] == '_');
}
