using BootProtocol.Btf;

namespace BootProtocol.Types;

/// <summary>Writes types as C has them, without a name: from the inside out.</summary>
internal sealed class CTypeText
{
    /// <summary>How many types may take part in one text: files can be made to have as many as they like.</summary>
    private const int MaximumParts = 256;

    private const string More = "...";

    private int _parts;

    /// <summary>The text of a type.</summary>
    public string Of(KernelType type) => Declare(type, "");

    private string Declare(KernelType type, string inner)
    {
        if (++_parts > MaximumParts)
            return Join(More, inner);
        switch (type.Kind)
        {
            case BtfKind.Pointer:
                return Declare(type.Target, IsBehindName(type.Target) ? $"(*{inner})" : $"*{inner}");
            case BtfKind.Array:
                return Declare(type.Target, BtfFaults.Text($"{inner}[{type.ElementCount}]"));
            case BtfKind.FunctionType:
                // A type of number 0 at the end stands for any more parameters.
                string[] parameters = [.. type.Parameters.Select(parameter => parameter.Id == 0 ? More : Declare(parameter, ""))];
                return Declare(type.Target, $"{inner}({(parameters.Length == 0 ? "void" : string.Join(", ", parameters))})");
            case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict:
                return Qualify(type, inner);
            case BtfKind.TypeTag:
                return Declare(type.Target, inner);
            default:
                return Join(Base(type), inner);
        }
    }

    /// <summary>A qualifier stands behind the star of a pointer, and in front of everything else.</summary>
    private string Qualify(KernelType type, string inner)
    {
        string word = type.Kind switch { BtfKind.Const => "const", BtfKind.Volatile => "volatile", _ => "restrict" };
        KernelType target = type.Target;
        return target.Kind == BtfKind.Pointer ? Declare(target, Join(word, inner)) : $"{word} {Declare(target, inner)}";
    }

    private static bool IsBehindName(KernelType type)
    {
        // Remarks and qualifiers of a function or an array change nothing about the parentheses.
        for (int depth = 0; depth < KernelType.MaximumDepth && type.Kind is BtfKind.TypeTag or BtfKind.Const or BtfKind.Volatile; depth++)
            type = type.Target;
        return type.Kind is BtfKind.Array or BtfKind.FunctionType;
    }

    private static string Join(string left, string right) => right.Length == 0 || right[0] == '[' ? left + right : $"{left} {right}";

    private static string Base(KernelType type)
    {
        string word = type.Kind == BtfKind.Forward ? type.IsForwardUnion ? "union" : "struct" : type.Word ?? "";
        string name = type.Id == 0 ? "void" : type.Name.Length > 0 ? type.Name : "{...}";
        return word.Length == 0 ? name : $"{word} {name}";
    }
}
