using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Architecture;

/// <summary>The packages use what ARCHITECTURE.md says.</summary>
public sealed class PackageTests
{
    public static TheoryData<string> Packages => [.. ArchitecturePage.Packages.Keys];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Project_references_what_the_page_says(string package)
    {
        string project = package == "bootproto" ? "BootProtocol.Cli" : package;
        var file = XDocument.Load(Repository.File("runtime", project, $"{project}.csproj"));
        IEnumerable<string> packages = file.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value);
        IEnumerable<string> projects = file.Descendants("ProjectReference")
            .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.Equal(
            ArchitecturePage.Packages[package].Order(StringComparer.Ordinal), packages.Concat(projects).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Assembly_references_what_the_page_says(string package)
    {
        HashSet<string> references = [.. References(package).Where(name => !IsOfFramework(name))];
        HashSet<string> allowed = [];
        Close(package, allowed);
        Assert.Subset(allowed, references);
        Assert.Superset(ArchitecturePage.Packages[package].Select(AssemblyOf).ToHashSet(), references);
    }

    /// <summary>Adds the assemblies of all that a package brings along.</summary>
    private static void Close(string package, HashSet<string> assemblies)
    {
        if (!ArchitecturePage.Packages.TryGetValue(package, out string[]? uses))
            return;
        foreach (string use in uses)
        {
            assemblies.Add(AssemblyOf(use));
            Close(use, assemblies);
        }
    }

    /// <summary>The assembly of a package: named as the package, with two exceptions.</summary>
    private static string AssemblyOf(string package) => package switch
    {
        "ZstdSharp.Port" => "ZstdSharp",
        "SharpZipLib" => "ICSharpCode.SharpZipLib",
        _ => package,
    };

    private static string[] References(string assembly)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"));
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    /// <summary>Whether an assembly comes with .NET itself, and not from a package.</summary>
    private static bool IsOfFramework(string assembly) =>
        !File.Exists(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"))
        && File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), $"{assembly}.dll"));
}
