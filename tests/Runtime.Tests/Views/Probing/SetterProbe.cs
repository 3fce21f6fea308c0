using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets a field through a writer, and does the same to the expected bytes.</summary>
/// <param name="declared">The field, in whichever variant has it.</param>
internal abstract class SetterProbe<TWriter>(SpecField declared)
    where TWriter : allows ref struct
{
    public SpecField Field => declared;

    /// <summary>Makes the setters of a field: a text has two, everything else one.</summary>
    public static IEnumerable<SetterProbe<TWriter>> Of(SpecField field, string name)
    {
        Type type = typeof(TWriter);
        foreach (MethodInfo method in type.GetMethods().Where(method => !field.Inner.IsEmpty && (method.Name == "Set" + name || method.Name == "Get" + name)))
            yield return Nested(field, method);
        if (!field.Inner.IsEmpty)
            yield break;
        foreach (MethodInfo method in type.GetMethods().Where(method => method.Name == "Set" + name))
        {
            Type value = method.GetParameters()[^1].ParameterType;
            if (method.GetParameters().Length == 2)
                yield return Make(typeof(ElementSetter<,>), [type, value], field, method);
            else
                yield return new TextSetter<TWriter>(field, method);
        }

        if (type.GetMethod("Get" + name, [typeof(int)]) is { } getter)
            yield return Make(typeof(NestedElementSetter<,,>), [getter.ReturnType.DeclaringType!, type, getter.ReturnType], field, getter);
        if (type.GetProperty(name) is { CanWrite: true } number)
            yield return Make(typeof(NumberSetter<,>), [type, number.PropertyType], field, number.SetMethod!);
        else if (type.GetProperty(name) is { } bytes && bytes.PropertyType == typeof(Span<byte>))
            yield return new BytesSetter<TWriter>(field, bytes.GetMethod!);
        else if (type.GetProperty(name) is { } nested)
        {
            Type[] arguments = [nested.PropertyType.DeclaringType!, type, nested.PropertyType];
            yield return Make(typeof(NestedSetter<,,>), arguments, field, nested.GetMethod!);
        }
    }

    /// <summary>Sets the field; if the structure does not let it be set, that must be said.</summary>
    public void Apply(scoped ref TWriter writer, Expectation expectation)
    {
        ParseError? fault = expectation.Fault(Field);
        try
        {
            Set(ref writer, expectation, fault is null ? Oracle.Find(expectation.Variant, Field.Name) : null);
            Assert.Null(fault);
        }
        catch (BootFormatException exception)
        {
            Assert.Equal(fault, exception.Error);
        }
    }

    /// <summary>Sets the field.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="expectation">The expected bytes.</param>
    /// <param name="place">Where the field stands in them; null if it is not there.</param>
    protected abstract void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place);

    /// <summary>Makes the setter of what is in an array of arrays.</summary>
    private static SetterProbe<TWriter> Nested(SpecField field, MethodInfo method)
    {
        Type value = method.GetParameters()[^1].ParameterType;
        if (field.Kind == SpecKind.Text)
            return Make(typeof(InnerTextSetter<,>), [typeof(TWriter), value], field, method);
        if (method.ReturnType == typeof(void))
            return Make(typeof(InnerNumberSetter<,>), [typeof(TWriter), value], field, method);
        return field.Kind == SpecKind.Bytes
            ? new InnerBytesSetter<TWriter>(field, method)
            : Make(typeof(InnerStructureSetter<,,>), [method.ReturnType.DeclaringType!, typeof(TWriter), method.ReturnType], field, method);
    }

    private static SetterProbe<TWriter> Make(Type setter, Type[] arguments, SpecField field, MethodInfo method) =>
        (SetterProbe<TWriter>)Activator.CreateInstance(setter.MakeGenericType(arguments), field, method)!;
}
