using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets everything in a nested structure.</summary>
internal sealed class NestedSetter<TNested, TWriter, TNestedWriter>(SpecField field, MethodInfo method) : SetterProbe<TWriter>(field)
    where TNested : IView<TNested>, allows ref struct
    where TWriter : allows ref struct
    where TNestedWriter : allows ref struct
{
    private readonly Getter _get = method.CreateDelegate<Getter>();

    private delegate TNestedWriter Getter(scoped ref TWriter writer);

    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        TNestedWriter nested = _get(ref writer);
        WriterProbe<TNested, TNestedWriter> probe = WriterProbe<TNested, TNestedWriter>.Instance;
        probe.Fill(ref nested, expectation.Nested(StructureProbe<TNested>.Instance.Info, place!.Offset, place.Size, probe.IsAuthor));
    }
}
