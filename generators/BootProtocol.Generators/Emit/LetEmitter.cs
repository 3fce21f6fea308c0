using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the property of a computed number, and the method that says why there is none.</summary>
/// <remarks>
/// Where no values of the fields can lead out of 64 bits, the property is the formula. Otherwise a method computes with 128 bits, which the
/// binder has proved to be enough for all that lies between, and tests what can fail.
/// </remarks>
internal sealed class LetEmitter(IndentedWriter writer, StructShape shape, LetModel model)
{
    private const string Wide = "global::System.Int128";

    private readonly List<string> _conditions = [];
    private int _locals;

    public void Emit()
    {
        if (model.IsSafe)
            Safe();
        else
            Checked();
    }

    private void Safe()
    {
        string value = Formula();
        Doc("");
        string type = _conditions.Count == 0 ? "ulong" : "ulong?";
        writer.Open($"public {type} {model.CSharpName}");
        writer.Line(KnownNames.Inline);
        writer.Line(_conditions.Count == 0 ? $"get => {value};" : $"get => {string.Join(" && ", _conditions)} ? {value} : null;");
        writer.CloseMember();
    }

    private void Checked()
    {
        bool canBeAbsent = shape.CanBeAbsent(model);
        Doc("");
        writer.Line($"/// <exception cref=\"{KnownNames.FormatException}\">The fields give no number of 64 bits.</exception>");
        string tried = $"TryGet{model.CSharpName}(out ulong value, out {KnownNames.ParseError} error)";
        writer.Line($"public {(canBeAbsent ? "ulong?" : "ulong")} {model.CSharpName} =>");
        string otherwise = canBeAbsent ? "error.IsError ? throw error.ToException() : null" : "throw error.ToException()";
        writer.Continuation($"{tried} ? value : {otherwise};");
        writer.Gap();

        Doc(canBeAbsent ? " Throws nothing; where the number is absent, there is no error either." : " Throws nothing.");
        writer.Line("/// <param name=\"value\">The number; 0 if this returns false.</param>");
        writer.Line("/// <param name=\"error\">Why the fields give no number of 64 bits.</param>");
        writer.Line("/// <returns>Whether there is a number.</returns>");
        writer.Open($"public bool TryGet{model.CSharpName}(out ulong value, out {KnownNames.ParseError} error)");
        writer.Line("value = 0;");
        writer.Line("error = default;");
        Statements();
        writer.CloseMember();
    }

    private void Doc(string more)
    {
        string gate = model.Gate is { } versions ? $" Versions: {CSharpText.Escape(versions.Text)}." : "";
        string absent = shape.CanBeAbsent(model) ? " May be absent." : "";
        string remarks = $"<c>{CSharpText.Escape(model.Name)}</c>: <c>{CSharpText.Escape(model.Text)}</c>.{gate}{absent}{more}";
        CSharpText.Doc(writer, model.Doc, $"The number {model.Name}.", remarks);
    }

    private string Formula()
    {
        AddCondition(Presence.VersionCondition(shape, model.Gate, null, Scope.Member));
        var stack = new Stack<string>();
        foreach (string step in model.Steps)
        {
            if (IsOperator(step))
            {
                string right = stack.Pop();
                stack.Push($"({stack.Pop()} {step} {(step is "<<" or ">>" ? $"(int){right}" : right)})");
            }
            else
            {
                stack.Push(IsNumber(step) ? $"{step}UL" : Operand(step));
            }
        }

        string value = stack.Pop();
        return value[0] == '(' && IsOneGroup(value) ? value.Substring(1, value.Length - 2) : value;
    }

    private static bool IsOneGroup(string value)
    {
        int depth = 0;
        for (int i = 0; i < value.Length - 1; i++)
        {
            depth += value[i] == '(' ? 1 : value[i] == ')' ? -1 : 0;
            if (depth == 0)
                return false;
        }

        return true;
    }

    private void Statements()
    {
        AddCondition(Presence.VersionCondition(shape, model.Gate, null, Scope.Member));
        var operands = new Dictionary<string, string>();
        foreach (string step in model.Steps.Where(step => !IsOperator(step) && !IsNumber(step) && !IsChecked(step)).Distinct())
            operands.Add(step, Operand(step));
        if (_conditions.Count > 0)
        {
            writer.Line($"if (!({string.Join(" && ", _conditions)}))");
            writer.Continuation("return false;");
        }

        foreach (string step in model.Steps.Where(IsChecked).Distinct())
        {
            string name = Local();
            writer.Line($"if (!TryGet{shape.FindLet(step)!.CSharpName}(out ulong {name}, out error))");
            writer.Continuation("return false;");
            operands.Add(step, name);
        }

        string fault = $"error = {KnownNames.ViewFaults}.NoNumber("
            + $"{shape.NameLiteral}, {CSharpText.Quote(model.Name)}, {Offset()}, {CSharpText.Quote(model.Text)});";
        var stack = new Stack<string>();
        foreach (string step in model.Steps)
        {
            if (!IsOperator(step))
            {
                stack.Push($"({Wide}){(IsNumber(step) ? $"{step}UL" : operands[step])}");
                continue;
            }

            (string right, string left) = (stack.Pop(), stack.Pop());
            if (step is "/" or "<<" or ">>")
            {
                string name = Local();
                writer.Line($"{Wide} {name} = {right};");
                writer.Open(step == "/" ? $"if ({name} == 0)" : $"if ({name} < 0 || {name} > 63)");
                writer.Line(fault);
                writer.Line("return false;");
                writer.CloseMember();
                right = step == "/" ? name : $"(int){name}";
            }

            stack.Push($"({left} {step} {right})");
        }

        string number = Local();
        writer.Line($"{Wide} {number} = {stack.Pop()};");
        writer.Open($"if ({number} < 0 || {number} > ulong.MaxValue)");
        writer.Line(fault);
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"value = (ulong){number};");
        writer.Line("return true;");
    }

    /// <summary>The place of the first field in the formula.</summary>
    private string Offset()
    {
        FieldModel? field = model.Steps.Select(step => shape.Operand(model, step).Field).FirstOrDefault(found => found is not null);
        return field is null ? "null" : shape.DocumentOffset(field, Scope.Member);
    }

    /// <summary>A field, or an earlier number that cannot fail, as a <c>ulong</c>; the conditions for it go to the others.</summary>
    private string Operand(string name)
    {
        if (shape.FindLet(name) is { } earlier)
        {
            if (!shape.CanBeAbsent(earlier))
                return earlier.CSharpName;
            string local = Local();
            _conditions.Add($"{earlier.CSharpName} is {{ }} {local}");
            return local;
        }

        (FieldModel? operand, BitsModel? bits) = shape.Operand(model, name);
        FieldModel field = operand!;
        Scope scope = ViewEmitter.ScopeOf(shape, field, Local());
        string? condition = new Presence(shape, field, null, scope).Condition;
        string raw = $"(ulong){new NumberAccess(shape, scope).Raw(field)}";
        if (field.Zero is { } zero)
        {
            string local = Local();
            raw = $"({raw} is var {local} && {local} != 0 ? {local} : {CSharpText.Hex(zero)}UL)";
        }

        if (field.Else is { } otherwise && condition is not null)
            raw = $"({condition} ? {raw} : {CSharpText.Hex(otherwise)}UL)";
        else
            AddCondition(condition);
        return NumberAccess.Part(raw, bits);
    }

    private void AddCondition(string? condition)
    {
        if (condition is not null)
            _conditions.Add(condition);
    }

    private string Local() => $"n{_locals++}";

    private bool IsChecked(string step) => shape.FindLet(step) is { IsSafe: false };

    private static bool IsNumber(string step) => step[0] is >= '0' and <= '9';

    private static bool IsOperator(string step) => step[0] is '+' or '-' or '*' or '/' or '<' or '>';
}
