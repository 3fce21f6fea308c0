using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns the rows behind the fixed part of a structure into their models: what their sizes depend on is a number above them.</summary>
/// <param name="types">All declared names.</param>
/// <param name="owner">The structure.</param>
/// <param name="syntax">The structure's rows.</param>
/// <param name="resolver">Finds out what an element is.</param>
/// <param name="fields">The fields of the fixed part.</param>
/// <param name="lets">The numbers that are computed of them.</param>
internal sealed class TailBinder(
    TypeTable types, Declaration owner, StructSyntax syntax, TypeResolver resolver, IReadOnlyList<FieldModel> fields, IReadOnlyList<LetModel> lets)
{
    private const ulong LargestAlignment = 1 << 16;

    private readonly List<TailModel> _numbers = [];
    private readonly HashSet<string> _dropped = [];

    /// <summary>Whether a number can be what an alignment is.</summary>
    public static bool IsAlignment(ulong value) => value is > 0 and <= LargestAlignment && (value & (value - 1)) == 0;

    /// <summary>
    /// What a row's place is a multiple of, for 32 bits and for 64: as a C compiler would align an element, as the row says, and what the size of
    /// its elements is rounded up to.
    /// </summary>
    public static (int Narrow, int Wide) Alignment(TypeResolver resolver, StructRow row, ResolvedType type, bool isPacked)
    {
        int said = row.Align is { } align && IsAlignment(align.Value) ? (int)align.Value : 1;
        StructModel? varying = resolver.VaryingElement(row);
        return (Strictest(type.Narrow, varying?.Narrow), Strictest(type.Wide, varying?.Wide));

        int Strictest(Measure measure, VariantModel? element) =>
            System.Math.Max(System.Math.Max(said, element?.Step ?? 1), isPacked ? 1 : measure.Alignment);
    }

    /// <summary>Finds out what an element of a row is; null if it cannot be known, which has been reported.</summary>
    public static ResolvedType? Element(TypeResolver resolver, StructRow row) =>
        row.Type.IsUncounted || resolver.VaryingElement(row) is not null ? resolver.ResolveElement(row) : resolver.Resolve(row);

    /// <summary>Binds a row. Null means that it is dropped; why has been reported.</summary>
    public TailModel? Bind(StructRow row, ResolvedType type)
    {
        TailModel? model = IsPossible(row, type) ? TryBind(row, type) : null;
        if (model is null)
            Drop(row);
        return model;
    }

    /// <summary>Notes a row that later ones can name.</summary>
    public void Add(TailModel model)
    {
        // A structure that may be left out has no fields to name.
        if (model.HasFixedSize || model.IsNumber)
            _numbers.Add(model);
    }

    /// <summary>Forgets a row, which later ones cannot name then.</summary>
    public void Drop(StructRow row) => _dropped.Add(row.Name.Value);

    /// <summary>Finds the number that a condition is about; null if there is none, which has been reported.</summary>
    public ConditionModel? Condition(WhenSyntax when)
    {
        if (Number(when.Number) is not { } number)
            return null;
        if (when.Name is not { } name)
            return new ConditionModel(number, when.First, when.Last, when.Text);
        FieldModel? field = number.Stored ?? fields.Concat(_numbers.Select(row => row.Field)).FirstOrDefault(row => row.Name == number.Name);
        Declaration? declaration = field?.Type.Kind == TypeKind.Enumeration ? types.Find((field.Wide ?? field.Narrow)!.TypeText) : null;
        EquatableArray<EnumRowModel> values = declaration is not null && types.Enumeration(declaration) is { } found ? found.Rows : [];
        if (values.FirstOrDefault(value => value.Name == name.Value) is { } value)
            return new ConditionModel(number, value.Value, value.Value, when.Text);
        string? near = NearName.Find(name.Value, values.Select(value => value.Name));
        string hint = declaration is null ? "; write the number" : NearName.Hint(near);
        owner.Problems.AddMendable(SpecDescriptors.UnknownValue, name.Range, near, declaration?.Name ?? when.Number.Value, name.Value, hint);
        return null;
    }

    private TailModel? TryBind(StructRow row, ResolvedType type)
    {
        if ((type.Model.Kind == TypeKind.Pad ? "" : CSharpNames.Of(row, owner.Problems)) is not { } csharpName)
            return null;

        if (GateBinder.Access(row, owner) is not { } access)
            return null;
        NumberName? count = null;
        if (row.Type is { IsUncounted: true, CountField: { } counter } && (count = Number(counter)) is null)
            return null;
        NumberName? bytes = null;
        if (row.Bytes is { } room && (bytes = Number(room)) is null)
            return null;
        NumberName? tag = null;
        if (row.By is { } by && (tag = Number(by)) is null)
            return null;
        ConditionModel? condition = null;
        if (row.When is { } when && (condition = Condition(when)) is null)
            return null;

        if (row.Pointee is { } pointee && !IsKnown(row, type.Model, pointee))
            return null;
        StructModel? varying = resolver.VaryingElement(row);
        UntilModel? until = null;
        if (row.Until is { } end)
        {
            until = end.Field is { } field ? Until(row, field, end.Value.Value) : new UntilModel("", "", end.Value.Value);
            if (until is null)
                return null;
        }

        // A fixed number of structures that vary in size is a number all the same.
        bool isCounted = count is not null || (varying is not null && row.Type.Count is not null);
        if (isCounted && count is null)
            count = new NumberName(row.Type.Count!.Value.Value.ToString(CultureInfo.InvariantCulture), null);
        TailExtent extent = row.Type.IsOpen || tag is not null ? TailExtent.Open : isCounted ? TailExtent.Counted : TailExtent.One;
        PointeeModel? target = row.Pointee is { } to ? new PointeeModel(to.Type.Value, to.CountField?.Value, to.Text) : null;
        var model = new FieldModel(
            row.Name.Value,
            csharpName,
            row.Doc,
            type.Model,
            Slot(type.Narrow, varying?.Narrow),
            Slot(type.Wide, varying?.Wide),
            null,
            access,
            null,
            row.Else?.Value,
            row.Zero?.Value,
            target);
        if (new RuleBinder(types, owner, syntax).Bind(row, model, canCheck: false) is not { } ruled)
            return null;
        (int narrow, int wide) = Alignment(resolver, row, type, syntax.Head.IsPacked);
        if (narrow != wide && !syntax.Head.IsWord)
        {
            string name = row.Name.Value.Length > 0 ? row.Name.Value : row.Type.Text;
            owner.Problems.Add(SpecDescriptors.AlignmentMatters, row.Type.Range, name, $"{narrow}", $"{wide}", owner.Name);
            return null;
        }

        return new TailModel(ruled, extent, count, bytes, until, tag, condition, row.Sized is not null, varying is not null, narrow, wide);

        SlotModel Slot(Measure measure, VariantModel? variable) => variable is not null
            ? new SlotModel(0, 0, 0, row.Type.Text)
            : new SlotModel(0, (int)measure.Size, type.Model.IsArray || extent != TailExtent.One ? measure.ElementSize : (int)measure.Size, row.Type.Text);
    }

    /// <summary>Refuses what only a fixed place has, and what only some kinds of rows have.</summary>
    private bool IsPossible(StructRow row, ResolvedType type)
    {
        const string Varies = "its size or place varies";
        if (row.Gate is { } gate)
            return Refuse(row, gate.Text.Range, gate.Text.Value, Varies);
        if (row.Only is { } only)
            return Refuse(row, only.Range, $"only {only.Value}", Varies);
        if (row.Constant is { } constant)
            return Refuse(row, constant.Range, "=", Varies);
        if (row is { Else: { } otherwise, When: null })
            return Refuse(row, otherwise.Range, "else", "it is always there");
        bool isOneNumber = type.IsNumber && (row.Type is { IsUncounted: false } || type.Model.Form != NumberForm.Plain);
        if ((row.Zero ?? row.Else) is { } number && !isOneNumber)
            return Refuse(row, number.Range, row.Zero is null ? "else" : "zero", "it is no number");
        if (row.Align is { } align && !IsAlignment(align.Value))
            return Refuse(row, align.Range, $"align {align.Value}", "an alignment is a power of two, and at most 65536");
        if (type.Model.Digits > 0)
            return Refuse(row, row.Type.Range, row.Type.Text, "its place varies; write char, or put it into a structure of its own");
        if (type.Model.Form == NumberForm.Leb128 && row.Type.HasBrackets)
            return Refuse(row, row.Type.Range, row.Type.Text, "there is one such number in a row; put it into a structure, and that into the brackets");
        if (type.Model.Form == NumberForm.Sized && row.Type.IsOpen)
            return Refuse(row, row.Type.Range, row.Type.Text, "a number has at most 8 bytes; write how many");
        bool isChoice = type.Model.Kind == TypeKind.Choice;
        if (row.By is { } by && !isChoice)
            return Refuse(row, by.Range, "by", "it is no choice");
        if (isChoice && row.Type.HasBrackets)
            return Refuse(row, row.Type.Range, row.Type.Text, "one number chooses one; put the number and the choice into a structure");
        if (isChoice && row.By is null)
        {
            owner.Problems.Add(SpecDescriptors.Missing, row.Name.Range, "'by' and the number that chooses", $"after '{row.Name.Value}'");
            return false;
        }

        bool isVarying = resolver.VaryingElement(row) is not null;
        if (row.Bytes is { } bytes && !row.Type.IsOpen && !isVarying && !isChoice)
            return Refuse(row, bytes.Range, "bytes", "its type says already how many it has");
        if (isVarying && row.Type is { CountField: not null, Count: { } most })
            return Refuse(row, most.Range, "max", "the size of its elements varies; write the field alone");
        if (isVarying && row.Type is { HasBrackets: true, IsUncounted: false, Count: null })
            return Refuse(row, row.Type.Range, row.Type.Text, "there is no number in the brackets; write one, or '..'");
        if (type.Model.Kind == TypeKind.Pad && (row.Type.IsUncounted || row.Type.PadTo is not null))
            return Refuse(row, row.Type.Range, row.Type.Text, "a pad has a fixed size here; write bytes and a name");
        if (row.Sized is { } sized && !isChoice)
            return Refuse(row, sized, "sized", "it is no choice");
        if (row is { Sized: { } own, Bytes: not null })
            return Refuse(row, own, "sized", "its bytes say already how many it has");
        return row.Until is not { } until || IsPossible(row, type, until.Field, until.Value);
    }

    private bool IsPossible(StructRow row, ResolvedType type, Located<string>? field, Located<ulong> value)
    {
        if (field is { } name)
            return (type.Model.Kind == TypeKind.Structure && row.Type.IsOpen) || Refuse(row, name.Range, "until", "it is no structure[..]");
        if (!(type.Model is { IsOfBytes: true, IsArray: false } && row.Type.IsOpen))
            return Refuse(row, value.Range, $"until {value.Value}", "it is no char[..] or bytes[..]");
        return value.Value <= byte.MaxValue || Refuse(row, value.Range, $"until {value.Value}", "it is no byte");
    }

    private bool Refuse(StructRow row, SourceRange range, string what, string reason)
    {
        string name = row.Name.Value.Length > 0 ? row.Name.Value : row.Type.Text;
        owner.Problems.Add(SpecDescriptors.Misplaced, range, name, what, reason);
        return false;
    }

    /// <summary>Whether a row points at a type, as many of it as a row says; if not, that is reported.</summary>
    private bool IsKnown(StructRow row, TypeModel type, PointeeSyntax pointee)
    {
        if (!PointeeBinder.IsKnown(types, owner, row, type, pointee))
            return false;
        if (pointee.CountField is not { } count || syntax.Rows.Any(row => row is null || row.Name.Value == count.Value))
            return true;
        string? near = NearName.Find(count.Value, syntax.Rows.OfType<StructRow>().Select(row => row.Name.Value).Where(name => name.Length > 0));
        owner.Problems.AddNear(SpecDescriptors.UnknownField, count.Range, near, owner.Name, count.Value);
        return false;
    }

    /// <summary>Finds a number that is there when the row is reached; null if there is none of that name, which has been reported.</summary>
    private NumberName? Number(Located<string> name)
    {
        List<FieldModel> above = [.. fields, .. _numbers.Select(row => row.Field)];
        string[] parts = name.Value.Split('.');
        if (parts.Length > 1)
            return FlagsOf(parts, above) is { } flags ? Bits(name, parts, flags) : Nested(name, parts, above);
        if (above.Any(field => field.Name == name.Value && IsNumber(field)) || lets.Any(let => let.Name == name.Value))
            return new NumberName(name.Value, null);

        // What was dropped for another reason has had its message already.
        bool isBroken = _dropped.Contains(name.Value) || syntax.Written.Any(row => row is null);
        if (above.FirstOrDefault(field => field.Name == name.Value) is { } other)
        {
            owner.Problems.Add(SpecDescriptors.UnknownField, name.Range, owner.Name, name.Value, NumberHint.Of(other));
        }
        else if (!isBroken)
        {
            bool isBelow = syntax.Rows.Any(row => row?.Name.Value == name.Value);
            IEnumerable<string> known = above.Where(IsNumber).Select(field => field.Name).Concat(lets.Select(let => let.Name));
            string? near = isBelow ? null : NearName.Find(name.Value, known);
            string hint = isBelow ? " above this row" : NearName.Hint(near);
            owner.Problems.AddMendable(SpecDescriptors.UnknownField, name.Range, near, owner.Name, name.Value, hint);
        }

        return null;
    }

    /// <summary>The set of flags that all but the last part of a name lead to; null if they lead elsewhere.</summary>
    private FieldModel? FlagsOf(string[] parts, IReadOnlyList<FieldModel> above)
    {
        IReadOnlyList<FieldModel> known = above;
        for (int i = 0; i < parts.Length - 2; i++)
        {
            if (known.FirstOrDefault(field => field.Name == parts[i] && IsStructure(field)) is not { } outer || Inside(outer) is not { } inside)
                return null;
            known = [.. inside.Fields];
        }

        return known.FirstOrDefault(field => field.Name == parts[parts.Length - 2] && field.Type is { Kind: TypeKind.Flags, IsArray: false });
    }

    /// <summary>Finds bits of a set of flags; null if there are none of that name, which has been reported.</summary>
    private NumberName? Bits(Located<string> name, string[] parts, FieldModel flags)
    {
        string last = parts[parts.Length - 1];
        if (types.Bits(flags, last) is not { } bits)
        {
            types.ReportUnknownBits(owner, flags, name);
            return null;
        }

        var whole = new Located<string>(name.Value.Substring(0, name.Value.LastIndexOf('.')), name.Range);
        return Number(whole) is { } number ? number with { Name = name.Value, Bits = bits } : null;
    }

    private NumberName? Nested(Located<string> name, string[] parts, List<FieldModel> above)
    {
        string structure = owner.Name;
        IReadOnlyList<FieldModel> known = above;
        var path = new List<string>();
        FieldModel? stored = null;
        (int Narrow, int Wide) place = (0, 0);
        bool isPlain = fields.Any(candidate => candidate.Name == parts[0]);
        for (int i = 0; i < parts.Length; i++)
        {
            bool isLast = i == parts.Length - 1;
            FieldModel? field = known.FirstOrDefault(candidate => candidate.Name == parts[i] && (isLast ? IsNumber(candidate) : IsStructure(candidate)));
            if (field is null || (!isLast && Inside(field) is null))
            {
                // What was dropped for another reason has had its message already.
                StructRow? row = i > 0 ? null : syntax.Rows.FirstOrDefault(written => written?.Name.Value == parts[0]);
                if (row is not null ? IsBroken(row) : i == 0 && syntax.Rows.Contains(null))
                    return null;
                if (row is not null && types.Find(row.Type.Name.Value) is { Syntax: StructSyntax } && !row.Type.HasBrackets)
                {
                    const string Hint = " with fields to name here: it stands below, varies in size, or may be left out";
                    owner.Problems.Add(SpecDescriptors.UnknownField, name.Range, structure, parts[0], Hint);
                    return null;
                }

                if (known.FirstOrDefault(candidate => candidate.Name == parts[i]) is { } other)
                {
                    string hint = isLast ? NumberHint.Of(other) : $"; its type is {other.Type.Text}";
                    owner.Problems.Add(SpecDescriptors.UnknownField, name.Range, structure, parts[i], hint);
                    return null;
                }

                IEnumerable<string> names = known.Where(candidate => isLast ? IsNumber(candidate) : IsStructure(candidate)).Select(candidate => candidate.Name);
                string? near = NearName.Find(parts[i], names);
                string? mended = near is null ? null : string.Join(".", [.. parts.Take(i), near, .. parts.Skip(i + 1)]);
                owner.Problems.AddMendable(SpecDescriptors.UnknownField, name.Range, mended, structure, parts[i], NearName.Hint(near));
                return null;
            }

            path.Add(field.CSharpName);
            place = (place.Narrow + field.Narrow!.Offset, place.Wide + field.Wide!.Offset);
            if (isLast)
            {
                if (isPlain && field.Zero is null)
                    stored = field with { Narrow = field.Narrow with { Offset = place.Narrow }, Wide = field.Wide with { Offset = place.Wide } };
                break;
            }

            StructModel inside = Inside(field)!;
            isPlain &= inside.IsBigEndian == owner.IsBigEndian;
            structure = inside.Name;
            known = [.. inside.Fields.Where(row => row.Gate is null && row.Narrow is not null && row.Wide is not null)];
        }

        return new NumberName(name.Value, string.Join(".", path), stored);
    }

    /// <summary>Whether the type of a row has a message of its own.</summary>
    private bool IsBroken(StructRow row) =>
        !PrimitiveType.All.ContainsKey(row.Type.Name.Value)
        && (types.Find(row.Type.Name.Value) is not { } type || (type.Syntax is StructSyntax && types.Structure(type) is null));

    private StructModel? Inside(FieldModel field) =>
        types.Find(field.Wide!.TypeText) is { Syntax: StructSyntax } declaration ? types.Structure(declaration) : null;

    /// <summary>Whether a field is one structure of one size that has all of its fields.</summary>
    private static bool IsStructure(FieldModel field) =>
        field is { Type: { IsArray: false, Kind: TypeKind.Structure }, Gate: null, Narrow: not null, Wide: not null };

    private static bool IsNumber(FieldModel field) =>
        field.Type is { IsArray: false, Kind: TypeKind.Unsigned or TypeKind.Enumeration or TypeKind.Flags };

    private UntilModel? Until(StructRow row, Located<string> name, ulong value)
    {
        if (types.Find(row.Type.Name.Value) is not { } declaration || types.Structure(declaration) is not { } structure)
            return null;
        IEnumerable<FieldModel> numbers = structure.Fields.Where(IsNumber);
        if (numbers.FirstOrDefault(field => field.Name == name.Value) is { } found)
            return new UntilModel(found.Name, found.CSharpName, value);
        string? hint = structure.Fields.FirstOrDefault(field => field.Name == name.Value) is { } other ? NumberHint.Of(other)
            : structure.Tail.Any(row => row.Field.Name == name.Value) ? "; its size or place varies"
            : null;
        string? near = hint is null ? NearName.Find(name.Value, numbers.Select(field => field.Name)) : null;
        owner.Problems.AddMendable(SpecDescriptors.UnknownField, name.Range, near, structure.Name, name.Value, hint ?? NearName.Hint(near));
        return null;
    }
}
