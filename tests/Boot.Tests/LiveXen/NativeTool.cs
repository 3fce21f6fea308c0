using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Programs of this repository as native ones, published once for all tests: a control domain has no .NET.</summary>
internal static class NativeTool
{
    private static readonly Lazy<string> _bootproto = new(() => Publish(Repository.File("runtime", "BootProtocol.Cli"), "bootproto"));
    private static readonly Lazy<string> _domains = new(() => Publish(Repository.File("tests", "XenDomains"), "XenDomains"));

    /// <summary>The path of <c>bootproto</c>.</summary>
    public static string Bootproto => _bootproto.Value;

    /// <summary>The path of the program that builds domains of its own, and has Xen refuse steps.</summary>
    public static string XenDomains => _domains.Value;

    private static string Publish(string project, string name)
    {
        string folder = Repository.File("artifacts", "native", name);
        using IDisposable output = BuildOutput.Lock();
        ToolRun.Start("dotnet", ["publish", .. NativeBuild.Options, "--output", folder], project).Succeeded();
        return Path.Combine(folder, name);
    }
}
