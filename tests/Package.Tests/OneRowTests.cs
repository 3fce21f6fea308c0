using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>A maintainer adds a protocol field with one line in spec/, and touches nothing else.</summary>
public sealed class OneRowTests
{
    [Fact]
    public void One_row_reaches_layout_inspect_writer_and_c_assertions()
    {
        using var folder = new TemporaryFolder();
        foreach (string part in new[] { "generators/BootProtocol.Generators", "runtime", "spec" })
            Copy(Repository.File(part), folder.File(part));
        foreach (string file in Directory.GetFiles(Repository.Root, "*.props").Append(Repository.File("global.json")).Append(Repository.File(".editorconfig")))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        AddRow(folder.File("spec", "linux-x86.bootspec"));

        folder.Write("writer/Writer.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../runtime/BootProtocol/BootProtocol.csproj" />
              </ItemGroup>
            </Project>
            """);
        folder.Write("writer/Program.cs", """
            using BootProtocol.LinuxX86;

            byte[] image = new byte[0x400];
            SetupHeader.Author author = SetupHeader.Create(image.AsSpan(0x1f1));
            author.SetupSects = 1;
            SetupHeader.Edit(image.AsSpan(0x1f1)).AddedField = 1234;
            File.WriteAllBytes(args[0], image);
            """);
        string image = folder.File("image");
        DotNet(folder, "run", "--project", "writer", "-p:RunAnalyzers=false", "--", image);
        DotNet(folder, "build", "runtime/BootProtocol.Cli", "-p:RunAnalyzers=false");
        string tool = folder.File("artifacts", "bin", "BootProtocol.Cli", "debug", "bootproto");

        using JsonDocument layout = JsonDocument.Parse(ToolRun.Start(tool, ["layout", "setup_header", "--json"], folder.Path).Succeeded());
        JsonElement[] rows = [.. layout.RootElement.GetProperty("variants")[0].GetProperty("fields").EnumerateArray()];
        int end = rows[^2].GetProperty("offset").GetInt32() + rows[^2].GetProperty("size").GetInt32();
        JsonElement row = rows[^1];
        Assert.Equal("added_field", row.GetProperty("name").GetString());
        Assert.Equal(end, row.GetProperty("offset").GetInt32());
        Assert.Equal("2.15+", row.GetProperty("gate").GetString());

        using JsonDocument inspect = JsonDocument.Parse(ToolRun.Start(tool, ["inspect", image, "--json"], folder.Path).Succeeded());
        Assert.Equal(1234, inspect.RootElement.GetProperty("setup_header").GetProperty("added_field").GetInt32());

        string header = ToolRun.Start(tool, ["layout", "setup_header", "--c"], folder.Path).Succeeded();
        Assert.Contains($"BOOTPROTO_PLACE(struct setup_header, added_field, {end}, 4);", header, StringComparison.Ordinal);
        folder.Write("header.c", header);
        ToolRun.Start("gcc", ["-std=c11", "-ffreestanding", "-Wall", "-Werror", "-c", "-o", "header.o", "header.c"], folder.Path).Succeeded();
    }

    /// <summary>Puts the row behind the last one of setup_header.</summary>
    private static void AddRow(string spec)
    {
        List<string> lines = [.. File.ReadAllLines(spec)];
        int head = lines.FindIndex(line => line.StartsWith("struct setup_header ", StringComparison.Ordinal));
        Assert.True(head >= 0, "The spec has no setup_header.");
        int end = lines.FindIndex(head, line => line.Length == 0);
        lines.Insert(end, "  .  u32  added_field  2.15+  modify  | A field that the protocol does not have.");
        File.WriteAllLines(spec, lines);
    }

    private static void DotNet(TemporaryFolder folder, params string[] arguments) => ToolRun.Start("dotnet", arguments, folder.Path).Succeeded();

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
