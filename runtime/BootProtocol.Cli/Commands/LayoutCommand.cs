using System.CommandLine;
using BootProtocol.Cli.Layouts;
using BootProtocol.Cli.Reports;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto layout [STRUCT]</c>: the structures of the specs, as data.</summary>
internal static class LayoutCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var name = new Argument<string?>("STRUCT")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A structure, flags, an enumeration or notes, as the protocol spells the name. Without it: all of them.",
        };
        ArgumentRules.RefuseOptions(name);
        name.CompletionSources.Add(static _ => Names);
        var json = new Option<bool>("--json") { Description = "Write JSON: one structure, or an array of all." };
        var c = new Option<bool>("--c") { Description = "Write a C header of the structure, or of all, that compiles by itself." };
        var command = new Command("layout", "Show where fields stand, since which version, and what they mean.") { name, json, c };
        command.SetAction(parsed => Run(parsed.GetValue(name), parsed.GetValue(json), parsed.GetValue(c), console));
        return command;
    }

    private static IEnumerable<string> Names => SpecCatalog.Structures.Select(structure => structure.Name)
        .Concat(SpecCatalog.Enumerations.Select(enumeration => enumeration.Name))
        .Concat(SpecCatalog.Notes.Select(notes => notes.Name));

    private static int Run(string? name, bool asJson, bool asC, ToolConsole console)
    {
        if (asJson && asC)
            throw new ToolException(ExitCode.Usage, "--json and --c exclude each other; see 'bootproto layout --help'");
        if (name is null)
            All(asJson, asC, console);
        else if (SpecCatalog.FindStructure(name) is { } structure)
            One(structure, asJson, asC, console);
        else if (SpecCatalog.FindEnumeration(name) is { } enumeration)
            Print(EnumerationLayout.CreateReport(enumeration), asC, console, asJson ? EnumerationLayout.WriteJson : null, enumeration);
        else if (SpecCatalog.FindNotes(name) is { } notes)
            Print(NotesLayout.CreateReport(notes), asC, console, asJson ? NotesLayout.WriteJson : null, notes);
        else
            throw Unknown(name);
        return ExitCode.Done;
    }

    private static void All(bool asJson, bool asC, ToolConsole console)
    {
        if (asC)
            CHeader.Write(SpecCatalog.Structures, console.Output);
        else if (asJson)
            StructureJson.Write(SpecCatalog.Structures, console.Output);
        else
            ReportPrinter.Print(CatalogReport.Create(), console);
    }

    private static void One(SpecStructure structure, bool asJson, bool asC, ToolConsole console)
    {
        if (asC)
            CHeader.Write([structure], console.Output);
        else if (asJson)
            StructureJson.Write(structure, console.Output);
        else
            ReportPrinter.Print(StructureReport.Create(structure), console);
    }

    private static void Print<T>(Report report, bool asC, ToolConsole console, Action<T, TextWriter>? json, T table)
    {
        if (asC)
            throw new ToolException(ExitCode.Usage, "--c is for structures; those that use flags or an enumeration bring it along");
        if (json is not null)
            json(table, console.Output);
        else
            ReportPrinter.Print(report, console);
    }

    private static ToolException Unknown(string name)
    {
        string hint = NearName.Find(name, Names) is { } near ? $"did you mean '{near}'?" : "'bootproto layout' lists all names";
        return new ToolException(ExitCode.Usage, $"no structure has the name '{name}'; {hint}");
    }
}
