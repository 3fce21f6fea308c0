using System.Reflection;

namespace BootProtocol.Runtime.Tests.Architecture;

/// <summary>Writes what callers and derived classes see of a type, a line for each member.</summary>
internal static class PublicMembers
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    public static IEnumerable<string> Of(Type type)
    {
        string name = Name(type);
        yield return $"{name} : {Kind(type)}";
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
        {
            if (!field.IsSpecialName)
                yield return $"{name}.{field.Name} : {(field.IsLiteral ? "const " : "")}{Name(field.FieldType)}";
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsVisible))
            yield return $"{name}.new({Parameters(constructor)})";
        foreach (MethodInfo method in type.GetMethods(Declared).Where(IsVisible))
        {
            string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{name}.{(method.IsStatic ? "static " : "")}{method.Name}{generic}({Parameters(method)}) : {Name(method.ReturnType)}";
        }
    }

    /// <summary>Whether others see it; names with angle brackets are the compiler's.</summary>
    private static bool IsVisible(MethodBase method) =>
        (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !method.Name.Contains('<', StringComparison.Ordinal);

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => $"enum {Name(Enum.GetUnderlyingType(type))}",
        { IsByRefLike: true } => "ref struct",
        { IsValueType: true } => "struct",
        { IsInterface: true } => "interface",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => $"abstract class {Name(type.BaseType!)}",
        { IsSealed: true } => $"sealed class {Name(type.BaseType!)}",
        _ => $"class {Name(type.BaseType!)}",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string direction = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        return $"{direction}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? "?" : "")}";
    }

    private static string Name(Type type)
    {
        if (type.HasElementType)
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : type.IsPointer ? "*" : "");
        if (type.IsGenericParameter)
            return type.Name;
        string prefix = type.DeclaringType is { } outer ? Name(outer) + "." : type.Namespace + ".";
        string name = type.Name.Split('`')[0];
        if (!type.IsGenericType || type.Name == name)
            return prefix + name;
        return $"{prefix}{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
