using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes numbers that sizes, choices and conditions depend on: stored ones, computed ones, and bits of them.</summary>
internal static class TailNumber
{
    /// <summary>Declares a local that has a stored or computed number, as a <c>ulong</c>.</summary>
    public static void Declare(IndentedWriter writer, StructShape shape, NumberName name, string local)
    {
        if (shape.FindLet(name.Whole) is { IsSafe: false } let)
        {
            // Where a number is absent there is no error, and it counts as 0.
            writer.Open($"if (!head.TryGet{let.CSharpName}(out ulong {local}, out {KnownNames.ParseError} {local}Error) && {local}Error.IsError)");
            writer.Line($"error = {local}Error;");
            writer.Line("return false;");
            writer.CloseMember();
            return;
        }

        writer.Line($"ulong {local} = {Of(shape, name, "head.", i => $"start{i}", "bytes", $"{local}Stored")};");
    }

    /// <summary>A stored or computed number, or a number in digits, as a <c>ulong</c>.</summary>
    /// <param name="shape">The structure.</param>
    /// <param name="number">The number.</param>
    /// <param name="view">What stands before the properties of the fixed part.</param>
    /// <param name="start">Where a row behind it starts.</param>
    /// <param name="bytes">The structure's bytes.</param>
    /// <param name="unique">A name for a local, which nothing else has there.</param>
    public static string Of(
        StructShape shape, NumberName number, string view, System.Func<int, string> start, string bytes, string unique)
    {
        return NumberAccess.Part(Whole(shape, number, view, start, bytes, unique), number.Bits);
    }

    /// <summary>The test that a number fulfils a condition.</summary>
    public static string Holds(ConditionModel condition, string number)
    {
        string first = CSharpText.Hex(condition.First) + "UL";
        string last = CSharpText.Hex(condition.Last) + "UL";
        return condition switch
        {
            { First: 1, Last: ulong.MaxValue } => $"{number} != 0",
            _ when condition.First == condition.Last => $"{number} == {first}",
            { First: 0 } => $"{number} <= {last}",
            { Last: ulong.MaxValue } => $"{number} >= {first}",
            _ => $"{number} >= {first} && {number} <= {last}",
        };
    }

    private static string Whole(StructShape shape, NumberName number, string view, System.Func<int, string> start, string bytes, string unique)
    {
        string name = number.Whole;
        if (name[0] is >= '0' and <= '9')
            return $"{name}UL";
        if (number.Stored is { } stored && view.Length > 0)
            return $"(ulong){new NumberAccess(shape, Scope.Local).Raw(stored)}";
        if (number.Path is { } path)
            return Inside(shape, path, view, start, bytes);
        if (shape.FindLet(name) is { } let)
            return shape.CanBeAbsent(let) ? $"({view}{let.CSharpName} ?? 0)" : $"{view}{let.CSharpName}";
        if (shape.Find(name) is { } field)
            return shape.CanBeAbsent(field) ? $"unchecked((ulong)({view}{field.CSharpName} ?? default))" : $"unchecked((ulong){view}{field.CSharpName})";
        for (int i = 0; i < shape.Model.Tail.Count; i++)
        {
            TailModel tail = shape.Model.Tail[i];
            if (tail.Field is not { } row || row.Name != name)
                continue;
            string end = view.Length == 0 ? $"_end{i}" : $"end{i}";
            Scope scope = (view.Length == 0 ? Scope.Member : Scope.Local) with { Bytes = $"{bytes}.Slice({start(i)})" };
            var numbers = new NumberAccess(shape, scope);
            string raw = $"(ulong){(tail.HasKnownSize ? numbers.Raw(row) : numbers.Unplain(row, $"{bytes}[({start(i)})..{end}]"))}";
            if (row.Zero is { } zero)
                raw = $"({raw} is var {unique} && {unique} != 0 ? {unique} : {CSharpText.Hex(zero)}UL)";
            string above = view.Length == 0 ? TailEmitter.EndAbove(shape, i) : start(i);
            return tail.Condition is null ? raw : $"({end} != {above} ? {raw} : {CSharpText.Hex(row.Else ?? 0)}UL)";
        }

        // The binder lets no other name through.
        throw new System.InvalidOperationException($"'{name}' is no number of '{shape.Model.Name}'.");
    }

    /// <summary>A field of a structure inside of the fixed part, or of a row behind it.</summary>
    private static string Inside(StructShape shape, string path, string view, System.Func<int, string> start, string bytes)
    {
        string first = path.Split('.')[0];
        for (int i = 0; i < shape.Model.Tail.Count && view.Length > 0; i++)
        {
            FieldModel row = shape.Model.Tail[i].Field;
            if (row.CSharpName != first)
                continue;
            string word = TailEmitter.Word(shape);
            string rest = path.Substring(first.Length);
            return $"unchecked((ulong){KnownNames.ViewAccess}.View<{row.Type.CSharpType}>({bytes}.Slice({start(i)}), {word}){rest})";
        }

        return $"unchecked((ulong){view}{path})";
    }
}
