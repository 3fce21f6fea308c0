using System.Collections.Generic;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>The property <c>Info</c> around a table of spec data, and the pieces that all tables have.</summary>
internal static class TableFrame
{
    /// <summary>Opens the property and the one object behind it, which a nested class makes on its first use.</summary>
    public static void Open(IndentedWriter writer, string type, string summary)
    {
        CSharpText.Summary(writer, summary);
        writer.Line($"public static {type} Info => Table.Value;");
        writer.Gap();
        writer.Open("private static class Table");
        writer.Open($"internal static readonly {type} Value = new()");
    }

    /// <summary>Closes what <see cref="Open"/> opened.</summary>
    public static void Close(IndentedWriter writer)
    {
        writer.Close(";");
        writer.CloseMember();
    }

    /// <summary>Opens an immutable array that is a property of the table.</summary>
    public static void OpenList(IndentedWriter writer, string property, string element) =>
        writer.Open($"{property} = {KnownNames.ImmutableArray}.Create(new {element}[]");

    /// <summary>Closes what <see cref="OpenList"/> opened.</summary>
    public static void CloseList(IndentedWriter writer) => writer.Close("),");

    /// <summary>A kind as the runtime names it.</summary>
    public static string Kind(TypeKind kind) => $"{KnownNames.Specs}.SpecKind.{kind}";

    /// <summary>The property that leads to the table of a nested type; none for a plain one.</summary>
    public static IEnumerable<string> Links(TypeKind kind, string type) => kind switch
    {
        TypeKind.Structure => [$"Structure = static () => {type}.Layout.Info"],
        TypeKind.Choice => [$"Choice = static () => {type}.Layout.Info"],
        TypeKind.Flags or TypeKind.Enumeration => [$"Enumeration = static () => {type}Layout.Info"],
        _ => [],
    };
}
