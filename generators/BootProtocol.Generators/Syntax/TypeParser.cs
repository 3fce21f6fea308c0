using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Syntax;

/// <summary>
/// Reads types and pointees: <c>u32</c>, <c>char[32]</c>, <c>pad[to 0x290]</c>, <c>entry[count max 128]</c>, <c>entry[..]</c>, <c>char[4][16]</c>.
/// </summary>
internal static class TypeParser
{
    public static TypeSyntax? Type(TokenReader reader, string what)
    {
        if (reader.Word(what) is not { } name)
            return null;
        if (!reader.TryTake("["))
            return new TypeSyntax(name, null, null, null, false, false, name.Value, name.Range);

        Located<ulong>? count = null;
        Located<ulong>? padTo = null;
        Located<string>? countField = null;
        bool isOpen = false;
        string inside = "";
        if (!reader.IsAtEnd && reader.Current.Is("]"))
        {
            inside = "";
        }
        else if (name.Value == "pad" && reader.TryTake("to"))
        {
            padTo = reader.Number("the position that the pad fills up to");
            if (padTo is not { } position)
                return null;
            inside = $"to 0x{position.Value:x}";
        }
        else if (!reader.IsAtEnd && reader.Current.Kind == TokenKind.Word)
        {
            countField = reader.Path("the field with the number of elements");
            if (countField is not { } counter)
                return null;
            inside = counter.Value;
            if (reader.TryTake("max"))
            {
                count = reader.Number("the largest number of elements");
                if (count is not { } most)
                    return null;
                inside = $"{inside} max {most.Value}";
            }
            else if (reader.IsAtEnd || !reader.Current.Is("]"))
            {
                bool isFormula = !reader.IsAtEnd && reader.Current is { Kind: TokenKind.Symbol, Text: "+" or "-" or "*" or "/" };
                reader.ReportMissing(isFormula ? "']' behind one name, such as that of a 'let'," : "'max' and the largest number of elements, or ']'");
                return null;
            }
        }
        else if (reader.TryTake("."))
        {
            if (!reader.Symbol(".", "'..' for as many elements as there is room for"))
                return null;
            isOpen = true;
            inside = "..";
        }
        else
        {
            count = reader.Number("a number of elements");
            if (count is not { } fixedCount)
                return null;
            inside = $"{fixedCount.Value}";
        }

        SourceRange end = reader.IsAtEnd ? name.Range : reader.Current.Range;
        if (!reader.Symbol("]", "']'"))
            return null;
        List<ulong> inner = [];
        while (reader.TryTake("["))
        {
            if (reader.Number("how many elements each array inside has") is not { } length)
                return null;
            inner.Add(length.Value);
            end = reader.IsAtEnd ? length.Range : reader.Current.Range;
            if (!reader.Symbol("]", "']'"))
                return null;
        }

        string text = $"{name.Value}[{inside}]{string.Concat(inner.Select(length => $"[{length}]"))}";
        return new TypeSyntax(name, count, countField, padTo, true, isOpen, text, name.Range.To(end)) { Inner = new EquatableArray<ulong>(inner) };
    }

    public static PointeeSyntax? Pointee(TokenReader reader)
    {
        if (reader.Word("what the address points at") is not { } type)
            return null;
        if (!reader.TryTake("["))
            return new PointeeSyntax(type, null, type.Value);
        if (reader.TryTake("]"))
            return new PointeeSyntax(type, null, $"{type.Value}[]");
        return reader.Word("the field with the number of elements") is { } count && reader.Symbol("]", "']'")
            ? new PointeeSyntax(type, count, $"{type.Value}[{count.Value}]")
            : null;
    }
}
