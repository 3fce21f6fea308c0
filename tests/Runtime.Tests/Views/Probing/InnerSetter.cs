using System.Reflection;
using System.Text;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Sets everything in an array of arrays, and what is just beyond each end of each of them.</summary>
internal abstract class InnerSetter<TWriter>(SpecField field) : SetterProbe<TWriter>(field)
    where TWriter : allows ref struct
{
    protected override void Set(scoped ref TWriter writer, Expectation expectation, SpecField? place)
    {
        int[] counts = [place is null ? 0 : place.Size / place.ElementSize, .. Field.Inner];
        if (Field.Kind is SpecKind.Text or SpecKind.Bytes)
            counts = counts[..^1];
        foreach (int[] index in Indices(counts))
        {
            int wrong = -1;
            for (int level = index.Length - 1; level >= 0; level--)
            {
                if (index[level] < 0 || index[level] >= counts[level])
                    wrong = level;
            }

            try
            {
                int flat = index.Zip(counts).Aggregate(0, (sum, pair) => (sum * pair.Second) + pair.First);
                int offset = wrong >= 0 ? -1 : place!.Offset + (flat * place.ValueSize);
                Store(ref writer, index, offset, expectation, place);
                Assert.Equal(-1, wrong);
            }
            catch (ArgumentOutOfRangeException exception) when (exception.ParamName != "value")
            {
                Assert.True(wrong >= 0);
                string name = wrong == 0 ? "index" : $"index{wrong + 1}";
                string message = $"The index must be from 0 to {counts[wrong] - 1}. (Parameter '{name}')";
                Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Sets one value.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="index">The index in each array, the outermost first.</param>
    /// <param name="offset">Where the value stands; negative if it is not there.</param>
    /// <param name="expectation">The expected bytes.</param>
    /// <param name="place">Where the field stands in them; null if it is not there.</param>
    protected abstract void Store(scoped ref TWriter writer, int[] index, int offset, Expectation expectation, SpecField? place);

    private static IEnumerable<int[]> Indices(int[] counts)
    {
        if (counts is [])
            return [[]];
        return Enumerable.Range(-1, counts[0] + 2).SelectMany(index => Indices(counts[1..]).Select(rest => (int[])[index, .. rest]));
    }
}

/// <summary>Sets numbers.</summary>
internal sealed class InnerNumberSetter<TWriter, TValue> : InnerSetter<TWriter>
    where TWriter : allows ref struct
{
    private readonly Setter2? _set2;
    private readonly Setter3? _set3;

    public InnerNumberSetter(SpecField field, MethodInfo method)
        : base(field)
    {
        if (method.GetParameters().Length == 3)
            _set2 = method.CreateDelegate<Setter2>();
        else
            _set3 = method.CreateDelegate<Setter3>();
    }

    private delegate void Setter2(scoped ref TWriter writer, int index, int index2, TValue value);

    private delegate void Setter3(scoped ref TWriter writer, int index, int index2, int index3, TValue value);

    protected override void Store(scoped ref TWriter writer, int[] index, int offset, Expectation expectation, SpecField? place)
    {
        TValue value = RandomValues.Next<TValue>(expectation.Random);
        ulong raw = Canonical.Raw(value!);
        try
        {
            if (_set2 is not null)
                _set2(ref writer, index[0], index[1], value);
            else
                _set3!(ref writer, index[0], index[1], index[2], value);
            Assert.True(RandomValues.Fits(raw, place!), $"{Field.Name} took 0x{raw:x}");
            Oracle.Store(expectation.Expected.Slice(offset, place!.ValueSize), raw, place.IsBigEndian ?? expectation.Structure.IsBigEndian);
        }
        catch (ArgumentOutOfRangeException exception) when (exception.ParamName == "value")
        {
            Assert.StartsWith(RandomValues.Misfit(place!), exception.Message, StringComparison.Ordinal);
        }
    }
}

/// <summary>Sets texts, given as bytes or as strings, one of them too long.</summary>
internal sealed class InnerTextSetter<TWriter, TValue> : InnerSetter<TWriter>
    where TWriter : allows ref struct
    where TValue : allows ref struct
{
    private readonly MethodInfo _method;

    public InnerTextSetter(SpecField field, MethodInfo method)
        : base(field) => _method = method;

    private delegate void BytesSetter1(scoped ref TWriter writer, int index, ReadOnlySpan<byte> value);

    private delegate void BytesSetter2(scoped ref TWriter writer, int index, int index2, ReadOnlySpan<byte> value);

    private delegate void StringSetter1(scoped ref TWriter writer, int index, string value);

    private delegate void StringSetter2(scoped ref TWriter writer, int index, int index2, string value);

    protected override void Store(scoped ref TWriter writer, int[] index, int offset, Expectation expectation, SpecField? place)
    {
        int size = Field.Inner[^1];
        foreach (int length in new[] { size, size + 1, expectation.Random.Next(size) })
        {
            string text = string.Concat(Enumerable.Range(0, length).Select(_ => (char)expectation.Random.Next(1, 0x80)));
            try
            {
                Set(ref writer, index, text);
                Assert.True(length <= size);
                Span<byte> stored = expectation.Expected.Slice(offset, size);
                stored.Clear();
                Encoding.ASCII.GetBytes(text).CopyTo(stored);
            }
            catch (ArgumentOutOfRangeException exception) when (exception.ParamName == "value")
            {
                Assert.True(length > size);
                Assert.StartsWith($"{Field.Name} has {size} bytes. (Parameter 'value')", exception.Message, StringComparison.Ordinal);
            }
        }
    }

    private void Set(scoped ref TWriter writer, int[] index, string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        bool isString = typeof(TValue) == typeof(string);
        if (isString && index.Length == 1)
            _method.CreateDelegate<StringSetter1>()(ref writer, index[0], text);
        else if (isString)
            _method.CreateDelegate<StringSetter2>()(ref writer, index[0], index[1], text);
        else if (index.Length == 1)
            _method.CreateDelegate<BytesSetter1>()(ref writer, index[0], bytes);
        else
            _method.CreateDelegate<BytesSetter2>()(ref writer, index[0], index[1], bytes);
    }
}

/// <summary>Writes into bytes that a writer hands out.</summary>
internal sealed class InnerBytesSetter<TWriter>(SpecField field, MethodInfo method) : InnerSetter<TWriter>(field)
    where TWriter : allows ref struct
{
    private readonly Getter _get = method.CreateDelegate<Getter>();

    private delegate Span<byte> Getter(scoped ref TWriter writer, int index);

    protected override void Store(scoped ref TWriter writer, int[] index, int offset, Expectation expectation, SpecField? place)
    {
        Span<byte> bytes = _get(ref writer, index[0]);
        Assert.Equal(Field.Inner[^1], bytes.Length);
        expectation.Random.NextBytes(bytes);
        bytes.CopyTo(expectation.Expected[offset..]);
    }
}

/// <summary>Sets everything in each structure.</summary>
internal sealed class InnerStructureSetter<TNested, TWriter, TNestedWriter>(SpecField field, MethodInfo method) : InnerSetter<TWriter>(field)
    where TNested : IView<TNested>, allows ref struct
    where TWriter : allows ref struct
    where TNestedWriter : allows ref struct
{
    private readonly Getter _get = method.CreateDelegate<Getter>();

    private delegate TNestedWriter Getter(scoped ref TWriter writer, int index, int index2);

    protected override void Store(scoped ref TWriter writer, int[] index, int offset, Expectation expectation, SpecField? place)
    {
        WriterProbe<TNested, TNestedWriter> probe = WriterProbe<TNested, TNestedWriter>.Instance;
        TNestedWriter nested = _get(ref writer, index[0], index[1]);
        SpecStructure info = StructureProbe<TNested>.Instance.Info;
        probe.Fill(ref nested, expectation.Nested(info, offset, place!.ValueSize, probe.IsAuthor));
    }
}
