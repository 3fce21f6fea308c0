using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace BootProtocol.Runtime.Tests.Memory;

/// <summary>Calls the public members of an object, each with default values for arguments.</summary>
/// <remarks>By emitted code, as reflection itself passes no spans and returns no views.</remarks>
internal static class DisposedMembers
{
    /// <summary>The members of an object that a caller can call, apart from what disposes it and from what all objects have.</summary>
    public static IEnumerable<MethodInfo> Of(Type type) => type
        .GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(static method => method.Name != nameof(IDisposable.Dispose) && method.DeclaringType != typeof(object))
        .Where(static method => method.GetBaseDefinition().DeclaringType != typeof(object) && !method.IsGenericMethodDefinition)
        .Where(static method => !method.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)));

    /// <summary>Calls one.</summary>
    /// <returns>What it throws; null if it throws nothing.</returns>
    public static Exception? Call(object target, MethodInfo member)
    {
        var caller = new DynamicMethod($"call {member.Name}", null, [typeof(object)], typeof(DisposedMembers).Module, skipVisibility: true);
        ILGenerator code = caller.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Castclass, member.DeclaringType!);
        foreach (ParameterInfo parameter in member.GetParameters())
        {
            Type type = parameter.ParameterType;
            LocalBuilder argument = code.DeclareLocal(type.IsByRef ? type.GetElementType()! : type);
            code.Emit(type.IsByRef ? OpCodes.Ldloca : OpCodes.Ldloc, argument);
        }

        code.Emit(OpCodes.Callvirt, member);
        if (member.ReturnType != typeof(void))
            code.Emit(OpCodes.Pop);
        code.Emit(OpCodes.Ret);
        return Record.Exception(() => caller.CreateDelegate<Action<object>>()(target));
    }
}
