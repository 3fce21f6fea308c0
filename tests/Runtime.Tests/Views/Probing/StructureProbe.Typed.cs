using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Everything that one view can do.</summary>
internal sealed class StructureProbe<TView> : StructureProbe
    where TView : IView<TView>, allows ref struct
{
    private readonly Parser? _parse;
    private readonly WordParser? _parseWord;
    private readonly ImmutableArray<(string Name, FieldProbe<TView> Probe)> _fields;

    private StructureProbe()
    {
        Info = (SpecStructure)typeof(TView).GetNestedType("Layout")!.GetProperty("Info")!.GetValue(null)!;
        MethodInfo parse = typeof(TView).GetMethod("TryParse")!;
        if (parse.GetParameters().Length == 4)
            _parseWord = parse.CreateDelegate<WordParser>();
        else
            _parse = parse.CreateDelegate<Parser>();
        ImmutableDictionary<string, string> names = CSharpNames(typeof(TView), Info);
        _fields =
        [
            .. names.OrderBy(name => name.Key, StringComparer.Ordinal)
                .Select(name => (name.Key, FieldProbe<TView>.Of(Member(name.Value)))),
        ];

        // Nothing else can be read, but for what is computed of fields.
        const string Getter = "TryGet";
        IEnumerable<string> readable = typeof(TView).GetMethods().Select(method => method.Name)
            .Where(name => name.StartsWith(Getter, StringComparison.Ordinal))
            .Select(name => name[Getter.Length..])
            .Concat(typeof(TView).GetProperties().Select(property => property.Name))
            .Except(Info.Computed.Select(computed => Pascal(computed.Name)));
        Assert.Equal(names.Values.Concat(WrittenByHand).Order(StringComparer.Ordinal), readable.Order(StringComparer.Ordinal));
    }

    private delegate bool Parser(ReadOnlySpan<byte> bytes, out TView view, out ParseError error);

    private delegate bool WordParser(ReadOnlySpan<byte> bytes, WordSize word, out TView view, out ParseError error);

    public static StructureProbe<TView> Instance { get; } = new();

    private static string Pascal(string name) => string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    private static string[] WrittenByHand => typeof(TView) == typeof(Xen.VcpuGuestContext)
        ? [nameof(Xen.VcpuGuestContext.TopTable), nameof(Xen.VcpuGuestContext.StartPointer)]
        : [];

    public override Type Type => typeof(TView);

    public override SpecStructure Info { get; }

    public override IEnumerable<WriterProbe> Writers =>
        new[] { typeof(TView).GetNestedType("Writer"), typeof(TView).GetNestedType("Author") }
            .Where(writer => writer is not null)
            .Select(writer => typeof(WriterProbe<,>).MakeGenericType(typeof(TView), writer!).GetProperty("Instance")!.GetValue(null))
            .Cast<WriterProbe>();

    public override string? Describe(ReadOnlySpan<byte> bytes, WordSize word, out ParseError error)
    {
        bool isThere = _parse is not null ? _parse(bytes, out TView view, out error) : _parseWord!(bytes, word, out view, out error);
        return isThere ? Describe(ref view) : null;
    }

    public string Describe(scoped ref TView view)
    {
        var text = new StringBuilder();
        foreach ((string name, FieldProbe<TView> probe) in _fields)
            text.Append(name).Append('=').Append(probe.Read(ref view)).Append('\n');
        return text.ToString();
    }

    private static MethodInfo Member(string name) =>
        typeof(TView).GetProperty(name)?.GetMethod ?? typeof(TView).GetMethod("TryGet" + name)
        ?? throw new InvalidOperationException($"{typeof(TView)} has no member for {name}.");
}
