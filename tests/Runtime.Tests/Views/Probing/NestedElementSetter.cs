using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets everything in each structure of an array, and asks for one that is not there.</summary>
internal sealed class NestedElementSetter<TNested, TWriter, TNestedWriter>(SpecField field, MethodInfo method) : SetterProbe<TWriter>(field)
    where TNested : IView<TNested>, allows ref struct
    where TWriter : allows ref struct
    where TNestedWriter : allows ref struct
{
    private readonly Getter _get = method.CreateDelegate<Getter>();

    private delegate TNestedWriter Getter(scoped ref TWriter writer, int index);

    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        int count = place is null ? 0 : place.Size / place.ElementSize;
        WriterProbe<TNested, TNestedWriter> probe = WriterProbe<TNested, TNestedWriter>.Instance;
        for (int index = -1; index <= count; index++)
        {
            bool isThere = index >= 0 && index < count;
            try
            {
                TNestedWriter nested = _get(ref writer, index);
                Assert.True(isThere);
                int offset = place!.Offset + (index * place.ElementSize);
                SpecStructure info = StructureProbe<TNested>.Instance.Info;
                probe.Fill(ref nested, expectation.Nested(info, offset, place.ElementSize, probe.IsAuthor));
            }
            catch (ArgumentOutOfRangeException exception) when (exception.ParamName == "index")
            {
                Assert.False(isThere);
                string message = $"The index must be from 0 to {count - 1}. (Parameter 'index')";
                Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
            }
        }
    }
}
