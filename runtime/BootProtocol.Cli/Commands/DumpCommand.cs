using System.CommandLine;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Dumping;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Cli.Reports;
using BootProtocol.Cli.Saved;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Commands;

/// <summary><c>bootproto dump FILE</c>: the bytes of a structure in any file, field by field.</summary>
internal static class DumpCommand
{
    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "Any file; - is standard input. Without --struct: a kernel image, or a saved Xen domain." };
        ArgumentRules.RefuseOptions(file);
        var spec = new SpecOption();
        var structure = new Option<string?>("--struct")
        {
            Description = "The structure to show. By default: those that a kernel image begins with, or heads and records of a saved domain, but for pages.",
            HelpName = "STRUCT",
        };
        structure.CompletionSources.Add(static _ => SpecLibrary.Shipped.StructureNames);
        var at = new Option<string?>("--at")
        {
            Description = "Where the structure starts in the file. By default: where its protocol places it, or 0.",
            HelpName = "OFFSET",
        };
        var bits = new Option<int?>("--bits") { Description = "The word size of a structure with two variants, 64 by default." };
        bits.AcceptOnlyFromAmong("64", "32");
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var html = new Option<string?>("--html")
        {
            Description = "Write a page for a browser in place of the report: bytes coloured by field.",
            HelpName = "FILE",
        };
        var command = new Command("dump", "Show the bytes of a structure in a file: each field's place, bytes, value and meaning.")
        {
            file, spec.Option, structure, at, bits, json, html,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            InputFile.RequireOneStandard([path, .. spec.Files(parsed).Distinct(StringComparer.Ordinal)]);
            string? name = parsed.GetValue(structure);
            if (name is null && (spec.Files(parsed).Count > 0 || parsed.GetValue(at) is not null || parsed.GetValue(bits) is not null))
                throw new ToolException(ExitCode.Usage, "--spec, --at and --bits go with --struct, which is missing; see 'bootproto dump --help'");
            var form = new DumpForm(parsed.GetValue(json), parsed.GetValue(html));
            if (form is { IsJson: true, Page: not null })
                throw new ToolException(ExitCode.Usage, "--json and --html exclude each other; see 'bootproto dump --help'");
            if (name is null)
                return Head(path, form, console);
            SpecStructure table = Find(spec.Read(parsed), name);
            ulong place = parsed.GetValue(at) is { } text ? DomainValues.Number("--at", text) : (ulong)table.BaseOffset;
            if (place > long.MaxValue)
                throw new ToolException(ExitCode.Usage, $"--at: expected an offset of at most 0x{long.MaxValue:x}");
            return One(path, table, (long)place, parsed.GetValue(bits) == 32 ? WordSize.Bits32 : WordSize.Bits64, form, console);
        });
        return command;
    }

    private static int Head(string path, DumpForm form, ToolConsole console)
    {
        if (SavedSource.IsSaved(path))
        {
            var broken = new FaultList();
            return Print(path, InputFile.Open(path, file => SavedDump.Read(file, SavedSource.Read(file), broken)), broken, form, console);
        }

        using OpenedImage opened = OpenedImage.Open(path);
        var faults = new FaultList();
        faults.Try(opened.File.EnsureComplete);
        IReadOnlyList<DumpedStructure> structures = ImageHead.Read(opened.File, faults);
        if (structures.Count == 0)
            throw new ToolException(ExitCode.BadInput, $"{opened.Name}: has no headers of a kernel image; name a structure with --struct");
        return Print(opened.Name, structures, faults, form, console);
    }

    private static int One(string path, SpecStructure structure, long offset, WordSize word, DumpForm form, ToolConsole console)
    {
        SpecVariant variant = structure.Variant(word);
        byte[] bytes = FileBytes.Read(path, offset, variant.Tail.IsEmpty ? variant.Size : Array.MaxLength);
        var dumped = DumpedStructure.Read(structure, bytes, offset, word);
        var faults = new FaultList();
        foreach (ParseError broken in SpecRules.Validate(dumped.Record, bytes))
            faults.Add(broken.MovedBy(offset - structure.BaseOffset));
        return Print(path == InputFile.Standard ? InputFile.StandardInputName : path, [dumped], faults, form, console);
    }

    private static int Print(string name, IReadOnlyList<DumpedStructure> structures, FaultList faults, DumpForm form, ToolConsole console)
    {
        if (form.Page is { } page)
            OutputFile.Write(page, stream => DumpPage.Write(name, structures, faults, stream));
        else if (form.IsJson)
            DumpJson.Write(name, structures, faults, console.Output);
        else
            ReportPrinter.Print(DumpReport.Create(structures), console);
        faults.ThrowIfAny(name);
        return ExitCode.Done;
    }

    private static SpecStructure Find(SpecLibrary library, string name)
    {
        if (library.FindStructure(name) is { } found)
            return found;
        string hint = NearName.Find(name, library.StructureNames) is { } near ? $"did you mean '{near}'?" : "'bootproto layout' lists all names";
        throw new ToolException(ExitCode.Usage, $"no structure has the name '{name}'; {hint}");
    }

    /// <summary>What is written: a report, JSON, or a page.</summary>
    /// <param name="IsJson">Whether it is JSON.</param>
    /// <param name="Page">The file for the page; null for none.</param>
    private sealed record DumpForm(bool IsJson, string? Page);
}
