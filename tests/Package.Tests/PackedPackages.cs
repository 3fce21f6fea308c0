using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>The packages, packed once into a folder that serves as the only feed for them.</summary>
public sealed class PackedPackages : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackedPackages()
    {
        // With build output of their own, so that the version is no reason to build in place all again.
        string[] options =
        [
            $"-p:Version={Version}", $"-p:ArtifactsPath={_folder.File("artifacts")}", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false",
        ];
        string[] projects =
        [
            "BootProtocol.Specs", "BootProtocol", "BootProtocol.Stubs", "BootProtocol.Xen", "BootProtocol.Kvm", "BootProtocol.Kexec", "BootProtocol.Cli",
        ];
        foreach (string project in projects)
        {
            string path = Repository.File("runtime", project);
            DotNet(path, ["pack", "--configuration", "Release", "--output", Feed, .. options]).Succeeded();
        }

        // Packages named as ours come from the feed alone; everything else from where this machine gets its packages.
        _folder.Write("work/nuget.config", $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{Feed}" />
              </packageSources>
            </configuration>
            """);
    }

    /// <summary>A version that no other feed has.</summary>
    public string Version { get; } = "0.1.0-packed";

    public string Feed => _folder.File("feed");

    /// <summary>A folder whose projects restore from the feed.</summary>
    public string Work => _folder.File("work");

    /// <summary>A cache of its own, so that no package of an earlier run is taken for this one's.</summary>
    private Dictionary<string, string> Environment => new() { ["NUGET_PACKAGES"] = _folder.File("cache"), ["DOTNET_CLI_UI_LANGUAGE"] = "en" };

    internal ToolRun DotNet(string folder, params string[] arguments)
        => ToolRun.Start("dotnet", arguments, folder, folder.StartsWith(_folder.Path, StringComparison.Ordinal) ? Environment : null);

    internal void Write(string name, string text) => _folder.Write(Path.Combine("work", name), text);

    /// <summary>Writes a project that references one of the packages, and stands in a folder with its name.</summary>
    /// <param name="name">The folder.</param>
    /// <param name="package">The package.</param>
    /// <param name="output">What it is: Exe or Library.</param>
    /// <param name="framework">What it is for.</param>
    internal void WriteProject(string name, string package, string output = "Exe", string framework = "net10.0") => Write($"{name}/{name}.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>{output}</OutputType>
            <TargetFramework>{framework}</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <RootNamespace>Consumer</RootNamespace>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="{package}" Version="{Version}" />
          </ItemGroup>
        </Project>
        """);

    internal string File(params string[] parts) => _folder.File(["work", .. parts]);

    public void Dispose() => _folder.Dispose();
}
