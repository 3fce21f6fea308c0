using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the method that reads what an address points at.</summary>
internal sealed class FollowEmitter(IndentedWriter writer, StructShape shape, FieldModel field, PointeeModel pointee, TargetModel target)
{
    private const string Access = KnownNames.ViewAccess;

    /// <summary>Whether the variant of what is pointed at is the caller's to say: the structure has none.</summary>
    private bool AsksForWord => target.IsWord && !shape.IsWord;

    private bool IsCounted => pointee.CountField is not null;

    private string Word => target.IsWord ? "word" : $"{KnownNames.WordSize}.Bits64";

    public static void Emit(IndentedWriter writer, StructShape shape, FieldModel field)
    {
        if (field.Pointee is { Target: { } target } pointee)
            new FollowEmitter(writer, shape, field, pointee, target).Emit();
    }

    private string Type => target switch
    {
        { Kind: TypeKind.Text or TypeKind.Bytes } => KnownNames.ReadOnlyBytes,
        { Kind: TypeKind.Structure, IsList: true } => $"{KnownNames.ViewList}<{target.CSharpType}>",
        { IsList: true } => $"{KnownNames.ValueList}<{NumberAccess.TypeOf(target.Kind, target.CSharpType)}>",
        _ => NumberAccess.TypeOf(target.Kind, target.CSharpType),
    };

    private void Emit()
    {
        string text = CSharpText.Escape(pointee.Text);
        CSharpText.Summary(writer, $"Reads the <c>{text}</c> that <c>{CSharpText.Escape(field.Name)}</c> points at. Throws nothing.");
        writer.Line("/// <param name=\"space\">Where its addresses lead.</param>");
        if (AsksForWord)
            writer.Line("/// <param name=\"word\">The variant of what is pointed at.</param>");
        string what = target.Kind == TypeKind.Text ? "The text, without the NUL that ends it" : "What is there";
        writer.Line($"/// <param name=\"value\">{what}; empty if this returns false.</param>");
        writer.Line("/// <param name=\"error\">Why it cannot be read; no error where the field is absent, or is 0 and points at nothing.</param>");
        writer.Line("/// <returns>Whether it is there.</returns>");
        string word = AsksForWord ? $", {KnownNames.WordSize} word" : "";
        string signature = $"public bool TryFollow{field.CSharpName}({KnownNames.AddressSpace} space{word}, out {Type} value";
        writer.Open($"{signature}, out {KnownNames.ParseError} error)");
        // The value may be this very view: all of it is read before that is written.
        Scope scope = ViewEmitter.ScopeOf(shape, field, "own");
        string raw = new NumberAccess(shape, scope).Raw(field, forceUnsigned: true);
        string? condition = new Presence(shape, field, null, scope).Condition;
        writer.Line($"ulong address = {(condition is null ? raw : $"{condition} ? {raw} : 0UL")};");
        if (IsCounted)
            writer.Line($"ulong count = {PropertyEmitter.CountOf(shape, pointee.CountField!) ?? "0UL"};");
        if (target.IsWord && shape.IsWord)
            writer.Line($"{KnownNames.WordSize} word = _word;");
        bool isStructure = target is { Kind: TypeKind.Structure, IsList: false };
        if (!isStructure)
            writer.Line($"long offset = {shape.DocumentOffset(field, Scope.Member)};");
        writer.Line("value = default;");
        writer.Line("error = default;");
        writer.Line("if (address == 0)");
        writer.Continuation("return false;");
        if (isStructure)
            Structure();
        else
            Bytes();
        writer.CloseMember();
    }

    private void Structure()
    {
        string variant = target.IsWord ? $", {Word}" : "";
        writer.Line($"if ({target.CSharpType}.TryParse(space.Read(address, int.MaxValue){variant}, out value, out error))");
        writer.Continuation("return true;");
        writer.Line("error = error.MovedBy(unchecked((long)address));");
        writer.Line("return false;");
    }

    private void Bytes()
    {
        string place = $"{shape.NameLiteral}, {CSharpText.Quote(field.Name)}, offset, address";
        string results = $"out {KnownNames.ReadOnlyBytes} bytes, out error";
        if (target.Kind == TypeKind.Text && !target.IsList)
        {
            writer.Line($"if (!{Access}.TryFollowText(space, {place}, {results}))");
        }
        else
        {
            writer.Line($"if (!{Access}.TryFollow(space, {place}, {(IsCounted ? "count" : "1UL")}, {Size}, {results}))");
        }

        writer.Continuation("return false;");
        writer.Line($"value = {Value()};");
        writer.Line("return true;");
    }

    private string Size => target.NarrowSize == target.WideSize
        ? $"{target.WideSize}"
        : $"({Word} == {KnownNames.WordSize}.Bits32 ? {target.NarrowSize} : {target.WideSize})";

    private string Value()
    {
        if (target.Kind is TypeKind.Text or TypeKind.Bytes)
            return "bytes";
        if (target.Kind == TypeKind.Structure)
            return $"new {KnownNames.ViewList}<{target.CSharpType}>(bytes, {Word})";
        string list = target.NarrowSize == target.WideSize
            ? List(target.WideSize)
            : $"{Word} == {KnownNames.WordSize}.Bits32 ? {List(target.NarrowSize)} : {List(target.WideSize)}";
        return target.IsList ? list : $"({list})[0]";
    }

    private string List(int size)
    {
        bool isSigned = target.Kind == TypeKind.Signed;
        string raw = NumberAccess.Read("bytes", null, size, isSigned, target.IsBigEndian ?? shape.Model.IsBigEndian);
        string type = NumberAccess.TypeOf(target.Kind, target.CSharpType);
        string value = target.Kind switch
        {
            TypeKind.Unsigned or TypeKind.Signed or TypeKind.Address or TypeKind.Flags or TypeKind.Enumeration => $"({type}){raw}",
            _ => $"new {type}({raw})",
        };
        return $"new {KnownNames.ValueList}<{type}>(bytes, {size}, static bytes => {value})";
    }
}
