using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Emit;

/// <summary>Writes the view: its state, how it is made of bytes, and a property for each field.</summary>
internal static class ViewEmitter
{
    public static void Emit(IndentedWriter writer, StructShape shape)
    {
        if (shape.Model.IsVarying)
            TailEmitter.State(writer, shape);
        else
            State(writer, shape);
        Parsing(writer, shape);
        foreach (FieldModel field in shape.Fields)
        {
            new PropertyEmitter(writer, shape, field).Emit();
            FollowEmitter.Emit(writer, shape, field);
        }

        foreach (LetModel let in shape.Model.Lets)
            new LetEmitter(writer, shape, let).Emit();
        if (shape.Model.IsVarying)
        {
            TailEmitter.Properties(writer, shape);
            CSharpText.Summary(writer, "The bytes of the structure, without what only fills it up to its alignment.");
            writer.Line($"public {KnownNames.ReadOnlyBytes} AsSpan() => _bytes;");
            writer.Gap();
            Validating(writer, shape);
            TailEmitter.Interface(writer, shape);
            return;
        }

        CSharpText.Summary(writer, "The bytes of the structure: as many as there are, as it says it has, and as the spec knows.");
        string all = RulesEmitter.SaysLength(shape) ? "_own" : "_bytes";
        writer.Line($"public {KnownNames.ReadOnlyBytes} AsSpan() => {all};");
        writer.Gap();
        Validating(writer, shape);
        Interface(writer, shape);
    }

    /// <summary>What the members of a view call its parts where they read a field.</summary>
    public static Scope ScopeOf(StructShape shape, FieldModel field, string own) =>
        !shape.Model.IsVarying && RulesEmitter.SaysLength(shape) && Presence.IsLate(shape, field) ? Scope.Ending(own) : Scope.Member;

    private static void State(IndentedWriter writer, StructShape shape)
    {
        StructModel model = shape.Model;
        writer.Line($"private readonly {KnownNames.ReadOnlyBytes} _bytes;");
        if (RulesEmitter.SaysLength(shape))
            writer.Line("private readonly int _length;");
        if (model.Gate is not null)
            writer.Line("private readonly uint _version;");
        if (shape.IsWord)
            writer.Line("private readonly bool _narrow;");
        writer.Gap();
        writer.Line(KnownNames.Inline);
        writer.Open($"private {model.CSharpName}({KnownNames.ReadOnlyBytes} bytes{(shape.IsWord ? ", bool narrow" : "")})");
        Bytes(writer, shape);
        if (model.Gate is not null)
            writer.Line($"_version = Layout.RawVersion(bytes{NarrowArgument(shape)});");
        if (shape.IsWord)
            writer.Line("_narrow = narrow;");
        writer.CloseMember();
        Own(writer, shape);
        Word(writer, shape);
    }

    // The length is one that was cut to the bytes, so that nothing is left to check.
    private static void Own(IndentedWriter writer, StructShape shape)
    {
        if (!RulesEmitter.SaysLength(shape))
            return;
        writer.Line($"private {KnownNames.ReadOnlyBytes} _own =>");
        writer.Continuation($"{KnownNames.MemoryMarshal}.CreateReadOnlySpan(ref {KnownNames.MemoryMarshal}.GetReference(_bytes), _length);");
        writer.Gap();
    }

    // A structure inside another one is looked at anew for each of its fields: most of them need not know where it ends, and then
    // the just-in-time compiler drops the whole computation.
    private static void Bytes(IndentedWriter writer, StructShape shape)
    {
        string length = $"Layout.EffectiveLength(bytes{NarrowArgument(shape)})";
        if (!RulesEmitter.SaysLength(shape))
        {
            writer.Line($"_bytes = bytes.Slice(0, {length});");
            return;
        }

        writer.Line($"_bytes = bytes.Slice(0, {RulesEmitter.There(shape)});");
        writer.Line($"_length = {length};");
    }

    /// <summary>The variant as the runtime's enumeration, for nested structures; only where there are two.</summary>
    public static void Word(IndentedWriter writer, StructShape shape)
    {
        if (!shape.IsWord)
            return;
        writer.Line($"private {KnownNames.WordSize} _word => _narrow ? {KnownNames.WordSize}.Bits32 : {KnownNames.WordSize}.Bits64;");
        writer.Gap();
    }

    private static void Parsing(IndentedWriter writer, StructShape shape)
    {
        string type = shape.Model.CSharpName;
        string word = shape.IsWord ? ", word" : "";

        CSharpText.Summary(writer, "Looks at bytes as the structure, after a check of length, constants and version. Throws nothing.");
        writer.Line("/// <param name=\"bytes\">The structure, from its first byte; what goes beyond it is left out.</param>");
        WordDoc(writer, shape);
        writer.Line("/// <param name=\"view\">The structure; not to be used if this returns false.</param>");
        writer.Line("/// <param name=\"error\">Why it is none.</param>");
        writer.Line("/// <returns>Whether the bytes are such a structure.</returns>");
        string results = $"out {type} view, out {KnownNames.ParseError} error";
        string signature = $"public static bool TryParse({KnownNames.ReadOnlyBytes} bytes{shape.WordParameter}, {results})";
        if (shape.Model.IsVarying)
        {
            writer.Open(signature);
            writer.Line("error = default;");
            writer.Line($"if (TryRead(bytes{shape.NarrowOfWord}, out view, out _, ref error))");
            writer.Continuation("return true;");
            writer.Line("view = default;");
            writer.Line("return false;");
            writer.CloseMember();
        }
        else
        {
            Checking(writer, shape, signature);
        }

        CSharpText.Summary(writer, "Looks at bytes as the structure, after a check of length, constants and version.");
        writer.Line("/// <param name=\"bytes\">The structure, from its first byte; what goes beyond it is left out.</param>");
        WordDoc(writer, shape);
        writer.Line($"/// <exception cref=\"{KnownNames.FormatException}\">The bytes are no such structure.</exception>");
        writer.Line($"public static {type} Parse({KnownNames.ReadOnlyBytes} bytes{shape.WordParameter}) =>");
        writer.Continuation($"TryParse(bytes{word}, {results}) ? view : throw error.ToException();");
        writer.Gap();
    }

    private static void Checking(IndentedWriter writer, StructShape shape, string signature)
    {
        writer.Open(signature);
        writer.Line($"error = Layout.Check(bytes{shape.NarrowOfWord});");
        writer.Open("if (error.IsError)");
        writer.Line("view = default;");
        writer.Line("return false;");
        writer.CloseMember();
        writer.Line($"view = new {shape.Model.CSharpName}(bytes{shape.NarrowOfWord});");
        writer.Line("return true;");
        writer.CloseMember();
    }

    /// <summary>Documents the parameter that says which variant is meant, where there are two.</summary>
    public static void WordDoc(IndentedWriter writer, StructShape shape)
    {
        if (shape.IsWord)
            writer.Line("/// <param name=\"word\">The variant.</param>");
    }

    private static void Validating(IndentedWriter writer, StructShape shape)
    {
        if (!shape.Model.HasRules)
            return;
        CSharpText.Summary(writer, "Everything in the structure, and in those inside of it, that breaks a rule of the spec; checksums, too.");
        writer.Line("/// <returns>An error for each, with its place; empty if there is none.</returns>");
        writer.Line($"public {KnownNames.ImmutableArray}<{KnownNames.ParseError}> Validate() =>");
        string word = shape.IsWord ? ", _word" : "";
        writer.Continuation($"{KnownNames.Specs}.SpecRules.Validate(Layout.Info, AsSpan(){word});");
        writer.Gap();
    }

    private static void Interface(IndentedWriter writer, StructShape shape)
    {
        string type = shape.Model.CSharpName;
        string self = $"{KnownNames.View}<{type}>";
        writer.Line(KnownNames.Inline);
        writer.Line($"static {type} {self}.View({KnownNames.ReadOnlyBytes} bytes, {KnownNames.WordSize} word) =>");
        writer.Continuation($"new {type}(bytes{shape.NarrowOfWord});");
        writer.Gap();
        string size = shape.IsWord ? $"word == {KnownNames.WordSize}.Bits32 ? Layout.Size32 : Layout.Size64" : "Layout.Size";
        writer.Line($"static int {self}.SizeOf({KnownNames.WordSize} word) => {size};");
        writer.Gap();
    }

    private static string NarrowArgument(StructShape shape) => shape.IsWord ? ", narrow" : "";
}
