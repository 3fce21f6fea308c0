using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace BootProtocol.Runtime.Tests.Architecture;

/// <summary>Finds the types that a type uses: in its declaration, its members' and their code.</summary>
internal static class TypeUse
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<short, OpCode> _codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>The types; arrays, pointers and generic types are taken apart.</summary>
    public static HashSet<Type> Of(Type type)
    {
        HashSet<Type> found = [];
        Add(found, type.BaseType);
        foreach (Type part in type.GetInterfaces())
            Add(found, part);
        foreach (FieldInfo field in type.GetFields(Declared))
            Add(found, field.FieldType);
        foreach (MethodBase method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
        {
            AddSignature(found, method);
            AddCode(found, method);
        }

        return found;
    }

    private static void AddSignature(HashSet<Type> found, MethodBase method)
    {
        foreach (ParameterInfo parameter in method.GetParameters())
            Add(found, parameter.ParameterType);
        if (method is MethodInfo { ReturnType: { } result })
            Add(found, result);
    }

    private static void AddCode(HashSet<Type> found, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
            return;
        foreach (LocalVariableInfo local in body.LocalVariables)
            Add(found, local.LocalType);
        ReadOnlySpan<byte> code = body.GetILAsByteArray();
        while (!code.IsEmpty)
        {
            bool isLong = code[0] == 0xfe;
            OpCode operation = _codes[isLong ? BinaryPrimitives.ReadInt16BigEndian(code) : code[0]];
            code = code[operation.Size..];
            switch (operation.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    AddMember(found, Resolve(method, BinaryPrimitives.ReadInt32LittleEndian(code)));
                    code = code[sizeof(int)..];
                    break;
                case OperandType.InlineSwitch:
                    code = code[((BinaryPrimitives.ReadInt32LittleEndian(code) + 1) * sizeof(int))..];
                    break;
                default:
                    code = code[SizeOf(operation.OperandType)..];
                    break;
            }
        }
    }

    private static int SizeOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private static MemberInfo? Resolve(MethodBase method, int token) => method.Module.ResolveMember(
        token,
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        method.IsGenericMethod ? method.GetGenericArguments() : null);

    private static void AddMember(HashSet<Type> found, MemberInfo? member)
    {
        Add(found, member as Type ?? member?.DeclaringType);
        if (member is MethodInfo { IsGenericMethod: true } method)
        {
            foreach (Type argument in method.GetGenericArguments())
                Add(found, argument);
        }
    }

    private static void Add(HashSet<Type> found, Type? type)
    {
        while (type is { HasElementType: true })
            type = type.GetElementType();
        if (type is null || type.IsGenericParameter || !found.Add(type))
            return;
        foreach (Type argument in type.GetGenericArguments())
            Add(found, argument);
    }
}
