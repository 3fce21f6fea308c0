using System.IO.Compression;
using System.Xml.Linq;
using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>What somebody gets who only references the packages.</summary>
public sealed class ConsumerTests(PackedPackages packages) : IClassFixture<PackedPackages>
{
    /// <summary>The most bytes that the package of views may have: it is for programs that read one header.</summary>
    private const int MaximumSpecsSize = 1_200_000;

    public static TheoryData<string> Packages => [.. ArchitecturePage.Packages.Keys];

    [Fact]
    public void Consumer_with_a_spec_of_its_own_builds_and_runs()
    {
        packages.WriteProject("consumer", "BootProtocol.Specs");
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

    /// <summary>
    /// The program in the text of the package for Xen builds. The package brings the library along, and nothing of Xen's: on a machine
    /// without Xen, that is what it says.
    /// </summary>
    [Fact]
    public void Consumer_of_the_package_for_Xen_builds_and_runs()
    {
        Assert.SkipWhen(File.Exists("/dev/xen/privcmd"), "This machine is a control domain of Xen: nothing is missing.");
        packages.WriteProject("control", "BootProtocol.Xen");
        packages.Write("control/Program.cs", FirstProgram(Repository.File("runtime", "BootProtocol.Xen", "PACKAGE.md")));
        ToolRun run = packages.DotNet(packages.File("control"), "run", "--configuration", "Release");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(
            "BootProtocol.Xen.XenUnavailableException: this is no control domain of Xen: /dev/xen/privcmd is missing", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>The program in the text of the package for KVM builds; where there is no kernel to start, or no KVM, it says so.</summary>
    [Fact]
    public void Consumer_of_the_package_for_KVM_builds_and_runs()
    {
        packages.WriteProject("machine", "BootProtocol.Kvm");
        packages.Write("machine/Program.cs", FirstProgram(Repository.File("runtime", "BootProtocol.Kvm", "PACKAGE.md")));
        ToolRun run = packages.DotNet(packages.File("machine"), "run", "--configuration", "Release");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Matches("BootProtocol\\.Kvm\\.KvmUnavailableException: /dev/kvm |System\\.IO\\.FileNotFoundException: .*vmlinuz", run.Errors);
    }

    /// <summary>The program in the text of the package for kexec builds; nobody may load a kernel in a container, or there is none to load.</summary>
    [Fact]
    public void Consumer_of_the_package_for_kexec_builds_and_runs()
    {
        packages.WriteProject("restart", "BootProtocol.Kexec");
        packages.Write("restart/Program.cs", FirstProgram(Repository.File("runtime", "BootProtocol.Kexec", "PACKAGE.md")));
        ToolRun run = packages.DotNet(packages.File("restart"), "run", "--configuration", "Release");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Matches("BootProtocol\\.Kexec\\.KexecUnavailableException: |System\\.IO\\.FileNotFoundException: .*vmlinuz", run.Errors);
    }

    /// <summary>The first block of C# is a whole program: it must build as it stands there, and run on a kernel.</summary>
    [Theory]
    [InlineData("README.md", "BootProtocol", "protocol 2.15, 2047 bytes of command line\nPVH entry 0x1000a30, ")]
    [InlineData("docs/library.md", "BootProtocol.Stubs", "2.15, 2047 bytes of command line\n64-bit, preferred address 0x1000000\nPVH entry 0x1000a30, ")]
    public void Program_of_a_page_builds_and_runs(string page, string package, string start)
    {
        string project = $"page-{package}";
        packages.WriteProject(project, package);
        packages.Write($"{project}/Program.cs", FirstProgram(Repository.File(page.Split('/'))));
        File.Copy(Fetched.Find("kernels", "6.12-amd64", "vmlinuz"), packages.File(project, "vmlinuz"));
        string output = packages.DotNet(packages.File(project), "run", "--configuration", "Release").Succeeded();
        Assert.StartsWith(start, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_in_the_consumers_spec_fails_the_build_at_its_line()
    {
        packages.WriteProject("broken", "BootProtocol", "Library");
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

    /// <summary>The generator comes along, but only where the package can be used: an older framework gets one error that says so.</summary>
    [Theory]
    [InlineData("BootProtocol.Specs")]
    [InlineData("BootProtocol")]
    public void Project_for_an_older_framework_is_refused(string package)
    {
        packages.WriteProject($"older-{package}", package, "Library", "net8.0");
        packages.Write($"older-{package}/own.bootspec", """
            protocol own  little         | Own.
            struct thing                 | A thing.
              0  u32  a                  | A number.
            """);
        ToolRun build = packages.DotNet(packages.File($"older-{package}"), "build");
        Assert.Equal(1, build.ExitCode);
        Assert.Contains($"error NU1202: Package {package} {packages.Version} is not compatible with net8.0", build.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("error CS", build.Output, StringComparison.Ordinal);
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

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_depends_on_what_the_page_says(string package)
    {
        string[] dependencies =
        [
            .. Nuspec(package).Descendants()
                .Where(element => element.Name.LocalName == "dependency")
                .Select(element => element.Attribute("id")!.Value)
                .Order(StringComparer.Ordinal),
        ];

        // A tool brings all that it uses in its own package.
        Assert.Equal(package == "bootproto" ? [] : ArchitecturePage.Packages[package].Order(StringComparer.Ordinal), dependencies);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_names_the_commit_that_it_was_made_of_and_its_address_on_the_web(string package)
    {
        ToolRun head = ToolRun.Start("git", ["rev-parse", "HEAD"], Repository.Root);
        if (head.ExitCode != 0)
            Assert.Skip($"git has no commit here: {head.Errors.Trim()}");
        string address = ToolRun.Start("git", ["config", "--get", "remote.origin.url"], Repository.Root).Output.Trim();
        XElement repository = Nuspec(package).Descendants().Single(element => element.Name.LocalName == "repository");
        Assert.Equal(("git", head.Output.Trim()), (repository.Attribute("type")?.Value, repository.Attribute("commit")?.Value));
        if (address.StartsWith("http", StringComparison.Ordinal))
            Assert.EndsWith(address[(address.LastIndexOf('@') + 1)..].Split("://")[^1], repository.Attribute("url")?.Value, StringComparison.Ordinal);
        else if (address is "" or ['/', ..])
            Assert.Null(repository.Attribute("url"));
    }

    [Fact]
    public void Package_of_views_holds_what_it_promises()
    {
        using ZipArchive package = Open("BootProtocol.Specs");
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        Assert.Superset(
            new HashSet<string>
            {
                "lib/net10.0/BootProtocol.Specs.dll",
                "lib/net10.0/BootProtocol.Specs.xml",
                "analyzers/dotnet/cs/BootProtocol.CodeFixes.dll",
                "analyzers/dotnet/cs/BootProtocol.Generators.dll",
                "buildTransitive/net10.0/BootProtocol.Specs.props",
                "build/net10.0/BootProtocol.Specs.props",
                "README.md",
            },
            names.ToHashSet());
        IEnumerable<string> specs = Directory.GetFiles(Repository.File("spec"), "*.bootspec").Select(path => "spec/" + Path.GetFileName(path));
        IEnumerable<string> packed = names.Where(name => name.StartsWith("spec/", StringComparison.Ordinal));
        Assert.Equal(specs.Order(StringComparer.Ordinal), packed.Order(StringComparer.Ordinal));
    }

    /// <summary>Symbols with the text of what is generated are a package beside it.</summary>
    [Fact]
    public void Package_of_views_has_symbols()
    {
        using ZipArchive symbols = ZipFile.OpenRead(Path.ChangeExtension(PathOf("BootProtocol.Specs"), "snupkg"));
        Assert.Contains("lib/net10.0/BootProtocol.Specs.pdb", symbols.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public void Package_of_views_is_small() => Assert.InRange(new FileInfo(PathOf("BootProtocol.Specs")).Length, 1, MaximumSpecsSize);

    private string PathOf(string package) => Path.Combine(packages.Feed, $"{package}.{packages.Version}.nupkg");

    private XDocument Nuspec(string package)
    {
        using ZipArchive file = Open(package);
        ZipArchiveEntry entry = file.Entries.Single(entry => entry.FullName == $"{package}.nuspec");
        using Stream stream = entry.Open();
        return XDocument.Load(stream);
    }

    private ZipArchive Open(string package) => ZipFile.OpenRead(PathOf(package));

    /// <summary>The first block of C# in a text.</summary>
    private static string FirstProgram(string file)
    {
        string text = File.ReadAllText(file);
        const string Fence = "```csharp\n";
        int start = text.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
