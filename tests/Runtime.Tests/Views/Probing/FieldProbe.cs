using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads a property of a view into a text.</summary>
internal abstract class FieldProbe<TView>
    where TView : allows ref struct
{
    public abstract string Read(scoped ref TView view);

    /// <summary>Finds out what the member hands out, and makes the probe for that.</summary>
    public static FieldProbe<TView> Of(MethodInfo method)
    {
        Type value = method.GetParameters() is [var handedOut] ? handedOut.ParameterType.GetElementType()! : method.ReturnType;
        if (value == typeof(ReadOnlySpan<byte>))
            return new BytesProbe<TView>(method);
        if (!value.IsByRefLike)
            return Make(typeof(NumberProbe<,>), value);
        if (!value.IsConstructedGenericType)
            return Make(typeof(NestedProbe<,>), value);
        bool holdsViews = value.GetGenericTypeDefinition() == typeof(ViewList<>);
        return Make(holdsViews ? typeof(ViewListProbe<,>) : typeof(ValueListProbe<,>), value.GetGenericArguments()[0]);

        FieldProbe<TView> Make(Type probe, Type argument) =>
            (FieldProbe<TView>)Activator.CreateInstance(probe.MakeGenericType(typeof(TView), argument), method)!;
    }
}
