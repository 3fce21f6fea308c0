using System;
using System.Collections.Generic;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the class that lists everything a compilation generates.</summary>
internal static class CatalogEmitter
{
    /// <summary>The whole text of the file.</summary>
    public static string Emit(CatalogModel model)
    {
        var writer = new IndentedWriter();
        FileFrame.Open(writer, model.Namespace);
        CSharpText.Summary(writer, "All structures, choices, enumerations and notes of the specs, as data.");
        ExampleEmitter.OfCatalog(writer);
        FileFrame.OpenType(writer, "public static class SpecCatalog");
        Emit(writer, "Structures", "Structure", KnownNames.Specs + ".SpecStructure", model.Structures, ".Layout.Info");
        Emit(writer, "Choices", "Choice", KnownNames.Specs + ".SpecChoice", model.Choices, ".Layout.Info");
        Emit(writer, "Enumerations", "Enumeration", KnownNames.Specs + ".SpecEnumeration", model.Enumerations, "Layout.Info");
        Emit(writer, "Notes", "Notes", KnownNames.Specs + ".SpecNotes", model.Notes, ".Layout.Info");
        writer.Close();
        return writer.ToString();
    }

    private static void Emit(
        IndentedWriter writer, string plural, string singular, string type, EquatableArray<CatalogEntryModel> entries, string suffix)
    {
        string list = $"{KnownNames.ImmutableArray}<{type}>";
        CSharpText.Summary(writer, "All of them, in order of protocol and name; made when they are asked for.");
        writer.Line($"public static {list} {plural} => {plural}Table.Value;");
        writer.Gap();

        CSharpText.Summary(writer, "The one of a name; nothing else is made.");
        writer.Line("/// <param name=\"name\">The name, as the protocol spells it. Of equal names the first one counts.</param>");
        writer.Line("/// <returns>Null if there is none of that name.</returns>");
        writer.Open($"public static {type}? Find{singular}(string name) => name switch");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (CatalogEntryModel entry in entries)
        {
            if (seen.Add(entry.Name))
                writer.Line($"{CSharpText.Quote(entry.Name)} => {entry.CSharpName}{suffix},");
        }

        writer.Line("_ => null,");
        writer.CloseMember(";");

        writer.Open($"private static class {plural}Table");
        writer.Open($"internal static readonly {list} Value = {KnownNames.ImmutableArray}.Create(new {type}[]");
        foreach (CatalogEntryModel entry in entries)
            writer.Line($"{entry.CSharpName}{suffix},");
        writer.Close(");");
        writer.CloseMember();
    }
}
