using System.IO.Compression;
using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>What somebody gets who only references the packages.</summary>
[Collection(Builds.Name)]
public sealed class ConsumerTests(PackedPackages packages)
{
    [Fact]
    public void Consumer_with_a_spec_of_its_own_builds_and_runs()
    {
        packages.Write("consumer/Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RootNamespace>Consumer</RootNamespace>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="BootProtocol" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        packages.Write("consumer/formats/crate.bootspec", """
            protocol crates  little                        | A format of the consumer's own.
            struct crate  packed                           | A header of the library's, and a note on it.
              0    u32           magic = "CRAT"            | Magic.
              4    u16           version                   | Version.
              6    pad[2]
              8    paddr64       place                     | Where it was.
              16   setup_header  header                    | The header, as the kernel's boot protocol has it.
            """);
        packages.Write("consumer/Program.cs", """
            using System;
            using BootProtocol;
            using BootProtocol.LinuxX86;
            using Consumer.Crates;

            byte[] bytes = new byte[Crate.Layout.Size];
            Crate.Writer writer = Crate.Create(bytes);
            writer.Version = 7;
            writer.Place = new Paddr(0x100000);
            SetupHeader.Create(bytes.AsSpan(Crate.Layout.Offset.Header)).CmdlineSize = 2047;

            Crate crate = Crate.Parse(bytes);
            Console.WriteLine($"{crate.Version} {crate.Place} {crate.Header.Version} {crate.Header.CmdlineSize} {Consumer.SpecCatalog.Structures.Length}");
            """);
        string output = packages.DotNet(packages.File("consumer"), "run", "--configuration", "Release").Succeeded();
        Assert.Equal("7 0x100000 2.15 2047 1", output.Trim());
    }

    /// <summary>The package for Xen brings the library along, and nothing of Xen's: on a machine without Xen, that is what it says.</summary>
    [Fact]
    public void Consumer_of_the_package_for_Xen_builds_and_runs()
    {
        Assert.SkipWhen(File.Exists("/dev/xen/privcmd"), "This machine is a control domain of Xen: nothing is missing.");
        packages.Write("control/Control.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="BootProtocol.Xen" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        packages.Write("control/Program.cs", """
            using System;
            using BootProtocol;
            using BootProtocol.Xen;

            try
            {
                using Hypervisor xen = Hypervisor.Open();
            }
            catch (XenUnavailableException missing)
            {
                Console.WriteLine($"{Hypervisor.CapabilityOf(WordSize.Bits32)}: {missing.Message}");
            }
            """);
        string output = packages.DotNet(packages.File("control"), "run", "--configuration", "Release").Succeeded();
        Assert.StartsWith("xen-3.0-x86_32p: this is no control domain of Xen: /dev/xen/privcmd is missing", output, StringComparison.Ordinal);
    }

    /// <summary>The README's first block of C# is a whole program: it must build as it stands there, and run on the tool's own sample.</summary>
    [Fact]
    public void Readme_program_builds_and_runs()
    {
        string readme = File.ReadAllText(Repository.File("README.md"));
        const string Fence = "```csharp\n";
        int start = readme.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        string program = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
        packages.Write("readme/Readme.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="BootProtocol" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        packages.Write("readme/Program.cs", program);
        File.Copy(Repository.File("tests", ".cache", "kernels", "6.12-amd64", "vmlinuz"), packages.File("readme", "vmlinuz"));
        string output = packages.DotNet(packages.File("readme"), "run", "--configuration", "Release").Succeeded();
        Assert.StartsWith("2.15, 2047 bytes of command line", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_in_the_consumers_spec_fails_the_build_at_its_line()
    {
        packages.Write("broken/Broken.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="BootProtocol" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        packages.Write("broken/broken.bootspec", """
            protocol broken  little      | Broken.
            struct thing                 | A thing.
              0  setup_haeder  header    | Near a type of the library's.
            """);
        ToolRun build = packages.DotNet(packages.File("broken"), "build");
        Assert.Equal(1, build.ExitCode);
        Assert.Contains(
            "broken.bootspec(3,6): error BPS3003: 'setup_haeder' is no type; did you mean 'setup_header'?", build.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tool_installs_and_runs()
    {
        string folder = packages.File("tool");
        Directory.CreateDirectory(folder);
        packages.DotNet(folder, "tool", "install", "bootproto", "--version", packages.Version, "--tool-path", folder).Succeeded();
        string output = ToolRun.Start(Path.Combine(folder, "bootproto"), ["layout", "start_info"], folder).Succeeded();
        Assert.Contains("nr_pages", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Library_package_holds_what_it_promises()
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"BootProtocol.{packages.Version}.nupkg"));
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        Assert.Superset(
            new HashSet<string>
            {
                "lib/net10.0/BootProtocol.dll",
                "lib/net10.0/BootProtocol.xml",
                "analyzers/dotnet/cs/BootProtocol.Generators.dll",
                "buildTransitive/BootProtocol.props",
                "build/BootProtocol.props",
                "README.md",
            },
            names.ToHashSet());
        IEnumerable<string> specs = Directory.GetFiles(Repository.File("spec"), "*.bootspec").Select(path => "spec/" + Path.GetFileName(path));
        Assert.Equal(specs.Order(StringComparer.Ordinal), names.Where(name => name.StartsWith("spec/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
