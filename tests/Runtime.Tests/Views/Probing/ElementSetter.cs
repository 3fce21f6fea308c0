using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets the elements of an array of numbers, and one that is not there.</summary>
internal sealed class ElementSetter<TWriter, TValue>(SpecField field, MethodInfo method) : SetterProbe<TWriter>(field)
    where TWriter : allows ref struct
{
    private readonly Setter _set = method.CreateDelegate<Setter>();

    private delegate void Setter(scoped ref TWriter writer, int index, TValue value);

    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        int count = place is null ? 0 : place.Size / place.ElementSize;
        for (int index = -1; index <= count; index++)
        {
            TValue value = RandomValues.Next<TValue>(expectation.Random);
            ulong raw = Canonical.Raw(value!);
            bool isThere = index >= 0 && index < count;
            bool fits = isThere && RandomValues.Fits(raw, place!);
            try
            {
                _set(ref writer, index, value);
                Assert.True(fits, $"{Field.Name}[{index}] took 0x{raw:x}");
                Span<byte> element = expectation.Expected.Slice(place!.Offset + (index * place.ElementSize), place.ElementSize);
                Oracle.Store(element, raw, place.IsBigEndian ?? expectation.Structure.IsBigEndian);
            }
            catch (ArgumentOutOfRangeException exception)
            {
                Assert.False(fits);
                string message = isThere ? RandomValues.Misfit(place!) : $"The index must be from 0 to {count - 1}. (Parameter 'index')";
                Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
            }
        }
    }
}
