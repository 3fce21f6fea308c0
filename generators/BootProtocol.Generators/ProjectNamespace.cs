using System.Linq;
using Microsoft.CodeAnalysis.CSharp;

namespace BootProtocol.Generators;

/// <summary>Makes a namespace of a project's name.</summary>
internal static class ProjectNamespace
{
    /// <summary>
    /// Makes a namespace of any text, as a project may have any name: <c>my-app</c> becomes <c>my_app</c>, <c>3d</c> becomes <c>_3d</c>,
    /// <c>Acme.event</c> becomes <c>Acme.@event</c>.
    /// </summary>
    public static string Of(string text) => string.Join(".", text.Split('.').Select(Segment));

    private static string Segment(string text)
    {
        string name = string.Concat(text.TrimStart('@').Select(c => SyntaxFacts.IsIdentifierPartCharacter(c) ? c : '_'));
        if (name.Length == 0 || !SyntaxFacts.IsIdentifierStartCharacter(name[0]))
            return "_" + name;
        return SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
    }
}
