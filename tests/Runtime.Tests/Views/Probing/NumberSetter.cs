using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets a number, an address, flags or an enumerator.</summary>
internal sealed class NumberSetter<TWriter, TValue>(SpecField field, MethodInfo method) : SetterProbe<TWriter>(field)
    where TWriter : allows ref struct
{
    private readonly Setter _set = method.CreateDelegate<Setter>();

    private delegate void Setter(scoped ref TWriter writer, TValue value);

    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        bool isVersion = expectation.Structure.Versions?.Field == Field.Name;
        TValue value = isVersion
            ? Canonical.Value<TValue>(RandomValues.NextVersion(expectation.Structure, expectation.Random))
            : RandomValues.Next<TValue>(expectation.Random);
        ulong raw = Canonical.Raw(value!);
        bool fits = place is null || RandomValues.Fits(raw, place);
        try
        {
            _set(ref writer, value);
            Assert.True(fits, $"{Field.Name} took 0x{raw:x}");
            if (place is not null)
                Oracle.Store(expectation.Expected.Slice(place.Offset, place.Size), raw, place.IsBigEndian ?? expectation.Structure.IsBigEndian);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            Assert.False(fits);
            Assert.StartsWith(RandomValues.Misfit(place!), exception.Message, StringComparison.Ordinal);
        }
    }
}
