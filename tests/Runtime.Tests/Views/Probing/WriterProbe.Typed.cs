using System.Collections.Immutable;
using System.Reflection;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Everything that one writer can do.</summary>
internal sealed class WriterProbe<TView, TWriter> : WriterProbe
    where TView : IView<TView>, allows ref struct
    where TWriter : allows ref struct
{
    private readonly Viewer _asView = typeof(TWriter).GetMethod("AsView")!.CreateDelegate<Viewer>();
    private readonly ImmutableArray<SetterProbe<TWriter>> _setters;

    private WriterProbe()
    {
        SpecStructure info = StructureProbe<TView>.Instance.Info;
        ImmutableDictionary<string, string> names = StructureProbe.CSharpNames(typeof(TView), info);
        _setters =
        [
            .. info.Variants.SelectMany(Oracle.Named)
                .DistinctBy(field => field.Name)
                .Where(field => field.Constant is null && field.ConstantBytes.IsEmpty && (IsAuthor || field.IsWritable))
                .SelectMany(field => SetterProbe<TWriter>.Of(field, names[field.Name])),
        ];

        // Nothing else can be set. (A text has two setters, and every member of Object is inherited.)
        int methods = typeof(TWriter).GetMethods()
            .Count(method => !method.IsSpecialName && method.DeclaringType == typeof(TWriter) && method.Name is not ("AsView" or "WriteChecksums"));
        Assert.Equal(typeof(TWriter).GetProperties().Length + methods, _setters.Length);
    }

    private delegate TView Viewer(scoped ref TWriter writer);

    private delegate bool Editor(Span<byte> bytes, out TWriter writer, out ParseError error);

    private delegate bool WordEditor(Span<byte> bytes, WordSize word, out TWriter writer, out ParseError error);

    private delegate TWriter Creator(Span<byte> bytes);

    private delegate TWriter WordCreator(Span<byte> bytes, WordSize word);

    private delegate TWriter VersionCreator(Span<byte> bytes, uint? version);

    private delegate TWriter DottedCreator(Span<byte> bytes, ProtocolVersion? version);

    private delegate TWriter WordVersionCreator(Span<byte> bytes, WordSize word, uint? version);

    private delegate TWriter WordDottedCreator(Span<byte> bytes, WordSize word, ProtocolVersion? version);

    public static WriterProbe<TView, TWriter> Instance { get; } = new();

    public override bool IsAuthor => typeof(TWriter).Name == "Author";

    public override bool IsCreator => typeof(TView).GetMethod("Create")!.ReturnType == typeof(TWriter);

    public override bool Edit(Memory<byte> bytes, WordSize word, Random random, out ParseError error)
    {
        MethodInfo method = typeof(TView).GetMethod("TryEdit")!;
        bool isThere = method.GetParameters().Length == 3
            ? method.CreateDelegate<Editor>()(bytes.Span, out TWriter writer, out error)
            : method.CreateDelegate<WordEditor>()(bytes.Span, word, out writer, out error);
        if (isThere)
            FillAll(ref writer, bytes, word, random);
        return isThere;
    }

    public override void Create(Memory<byte> bytes, WordSize word, uint? version) => Made(bytes.Span, word, version);

    public override void CreateAndFill(Memory<byte> bytes, WordSize word, uint? version, Random random)
    {
        TWriter writer = Made(bytes.Span, word, version);
        FillAll(ref writer, bytes, word, random);
    }

    /// <summary>Sets everything to random values, and does the same to the expected bytes by the table.</summary>
    public void Fill(scoped ref TWriter writer, Expectation expectation)
    {
        foreach (SetterProbe<TWriter> setter in _setters)
        {
            setter.Apply(ref writer, expectation);
            expectation.Compare(setter.Field.Name);
        }
    }

    private void FillAll(scoped ref TWriter writer, Memory<byte> bytes, WordSize word, Random random)
    {
        SpecStructure info = StructureProbe<TView>.Instance.Info;
        byte[] expected = bytes.ToArray();
        int length = Oracle.Length(info, info.Variant(word), expected);
        var expectation = new Expectation(info, word, bytes[..length], expected.AsMemory(0, length), IsAuthor, random);
        for (int round = 0; round < 2; round++)
            Fill(ref writer, expectation);
        Assert.Equal(expected, bytes.ToArray());
        TView view = _asView(ref writer);
        Assert.Equal(Oracle.Describe(info, word, expected.AsSpan(0, length)), StructureProbe<TView>.Instance.Describe(ref view));
    }

    private static TWriter Made(Span<byte> bytes, WordSize word, uint? version)
    {
        MethodInfo method = typeof(TView).GetMethod("Create")!;
        ProtocolVersion? dotted = version is { } raw ? ProtocolVersion.FromRaw((ushort)raw) : null;
        return method.GetParameters() switch
        {
            [_] => method.CreateDelegate<Creator>()(bytes),
            [_, { Name: "word" }] => method.CreateDelegate<WordCreator>()(bytes, word),
            [_, var last] when last.ParameterType == typeof(uint?) => method.CreateDelegate<VersionCreator>()(bytes, version),
            [_, _] => method.CreateDelegate<DottedCreator>()(bytes, dotted),
            [_, _, var last] when last.ParameterType == typeof(uint?) => method.CreateDelegate<WordVersionCreator>()(bytes, word, version),
            _ => method.CreateDelegate<WordDottedCreator>()(bytes, word, dotted),
        };
    }
}
