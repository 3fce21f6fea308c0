using System.Reflection;
using System.Text;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets a text, given as bytes or as a string: short ones, one that fills its place, and one that is too long.</summary>
internal sealed class TextSetter<TWriter> : SetterProbe<TWriter>
    where TWriter : allows ref struct
{
    private readonly BytesSetter? _setBytes;
    private readonly StringSetter? _setString;

    public TextSetter(SpecField field, MethodInfo method)
        : base(field)
    {
        if (method.GetParameters()[0].ParameterType == typeof(string))
            _setString = method.CreateDelegate<StringSetter>();
        else
            _setBytes = method.CreateDelegate<BytesSetter>();
    }

    private delegate void BytesSetter(scoped ref TWriter writer, ReadOnlySpan<byte> value);

    private delegate void StringSetter(scoped ref TWriter writer, string value);

    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        int size = place?.Size ?? 0;
        foreach (int length in new[] { 0, expectation.Random.Next(size + 1), size + 1, size })
        {
            string text = string.Concat(Enumerable.Range(0, length).Select(_ => (char)expectation.Random.Next(1, 0x80)));
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            try
            {
                if (_setString is not null)
                    _setString(ref writer, text);
                else
                    _setBytes!(ref writer, bytes);
                Assert.True(length <= size);
                Span<byte> stored = expectation.Expected.Slice(place!.Offset, size);
                bytes.CopyTo(stored);
                stored[length..].Clear();
            }
            catch (ArgumentOutOfRangeException exception)
            {
                Assert.True(length > size);
                Assert.StartsWith($"{Field.Name} has {size} bytes. (Parameter 'value')", exception.Message, StringComparison.Ordinal);
            }
        }
    }
}
