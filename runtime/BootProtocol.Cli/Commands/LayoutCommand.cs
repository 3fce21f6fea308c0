using System.CommandLine;
using BootProtocol.Cli.Layouts;
using BootProtocol.Cli.OwnSpecs;
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
            // Without it, help shows all names of all structures in the argument's place.
            HelpName = "STRUCT",
            Description = "A structure, a choice, flags, an enumeration or notes, as the protocol spells the name. Without it: all of them.",
        };
        ArgumentRules.RefuseOptions(name);
        name.CompletionSources.Add(static _ => SpecLibrary.Shipped.Names);
        var spec = new SpecOption();
        var json = new Option<bool>("--json") { Description = "Write JSON: one structure, or an array of all." };
        var c = new Option<bool>("--c") { Description = "Write a C header of the structure, or of all, that compiles by itself." };
        var from = new Option<string?>("--from")
        {
            Description = "Show a structure of the kernel in an image instead, by the types of its C code (BTF); - is standard input.",
            HelpName = ImageSource.HelpName,
        };
        var command = new Command("layout", "Show where fields stand, since which version, and what they mean.")
        {
            name, spec.Option, from, json, c,
        };
        command.SetAction(parsed => parsed.GetValue(from) is { } image
            ? KernelLayout.Run(image, parsed.GetValue(name), spec.Files(parsed).Count > 0 || parsed.GetValue(c), parsed.GetValue(json), console)
            : Run(parsed.GetValue(name), () => spec.Read(parsed), parsed.GetValue(json), parsed.GetValue(c), console));
        return command;
    }

    private static int Run(string? name, Func<SpecLibrary> read, bool asJson, bool asC, ToolConsole console)
    {
        if (asJson && asC)
            throw new ToolException(ExitCode.Usage, "--json and --c exclude each other; see 'bootproto layout --help'");
        SpecLibrary library = read();
        if (name is null)
            All(library, asJson, asC, console);
        else if (library.FindStructure(name) is { } structure)
            One(structure, asJson, asC, console);
        else if (library.FindChoice(name) is { } choice)
            Print(ChoiceLayout.CreateReport(choice), asC, console, asJson ? ChoiceLayout.WriteJson : null, choice);
        else if (library.FindEnumeration(name) is { } enumeration)
            Print(EnumerationLayout.CreateReport(enumeration), asC, console, asJson ? EnumerationLayout.WriteJson : null, enumeration);
        else if (library.FindNotes(name) is { } notes)
            Print(NotesLayout.CreateReport(notes), asC, console, asJson ? NotesLayout.WriteJson : null, notes);
        else
            throw Unknown(name, library);
        return ExitCode.Done;
    }

    private static void All(SpecLibrary library, bool asJson, bool asC, ToolConsole console)
    {
        if (asC)
            CHeader.Write(library.Structures, console.Output);
        else if (asJson)
            StructureJson.Write(library.Structures, console.Output);
        else
            ReportPrinter.Print(CatalogReport.Create(library), console);
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

    private static ToolException Unknown(string name, SpecLibrary library)
    {
        string hint = NearName.Find(name, library.Names) is { } near ? $"did you mean '{near}'?" : "'bootproto layout' lists all names";
        return new ToolException(ExitCode.Usage, $"no structure has the name '{name}'; {hint}");
    }
}
