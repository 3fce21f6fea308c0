using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Writes into bytes that a writer hands out.</summary>
internal sealed class BytesSetter<TWriter>(SpecField field, MethodInfo method) : SetterProbe<TWriter>(field)
    where TWriter : allows ref struct
{
    private readonly Getter _get = method.CreateDelegate<Getter>();

    private delegate Span<byte> Getter(scoped ref TWriter writer);

    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        Span<byte> bytes = _get(ref writer);
        Assert.Equal(place!.Size, bytes.Length);
        expectation.Random.NextBytes(bytes);
        bytes.CopyTo(expectation.Expected.Slice(place.Offset, place.Size));
    }
}
