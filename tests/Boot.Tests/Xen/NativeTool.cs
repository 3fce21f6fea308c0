using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Xen;

/// <summary>Programs of this repository as native ones, published once for all tests: a control domain has no .NET.</summary>
internal static class NativeTool
{
    private static readonly Lazy<string> _bootproto = new(() => Publish(Repository.File("runtime", "BootProtocol.Cli"), "bootproto"));

    /// <summary>The path of <c>bootproto</c>.</summary>
    public static string Bootproto => _bootproto.Value;

    private static string Publish(string project, string name)
    {
        string folder = Repository.File("artifacts", "native", name);
        ToolRun.Start("dotnet", ["publish", "--configuration", "Release", "--use-current-runtime", "--output", folder], project).Succeeded();
        return Path.Combine(folder, name);
    }
}
