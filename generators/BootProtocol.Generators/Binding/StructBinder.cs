using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Turns a <c>struct</c> block into its model. A row that cannot be bound is dropped, and the others stay.</summary>
internal sealed class StructBinder(TypeTable types, Declaration owner, StructSyntax syntax)
{
    private readonly List<(FieldModel Field, StructRow Row)> _fields = [];
    private readonly List<LetModel> _lets = [];
    private readonly List<TailModel> _tail = [];
    private readonly Dictionary<(MemberOwner Owner, string Name), string> _members = [];
    private readonly RowPlacer _placer = new(owner, syntax);
    private bool _isVarying;

    public StructModel? Bind()
    {
        var resolver = new TypeResolver(types, owner, syntax.Head);
        List<StructRow?> all = [.. syntax.Rows];
        int firstVarying = all.FindIndex(row => row is not null && resolver.IsVarying(row) && !resolver.IsMemberOfUnion(all, row));
        _isVarying = firstVarying >= 0;
        List<StructRow?> below = firstVarying < 0 ? [] : all.GetRange(firstVarying, all.Count - firstVarying);
        var rows = all.Take(all.Count - below.Count).Select(row => (Row: row, Type: row is null ? null : resolver.Resolve(row))).ToList();
        for (int i = 0; i < rows.Count; i++)
        {
            (StructRow? row, ResolvedType? type) = rows[i];
            if (row is null || type is null)
            {
                _placer.Lose();
                continue;
            }

            // A row is placed even if something else about it is wrong: those below it must not suffer.
            bool isPlaced = _placer.Place(row, type, RowPlacer.GroupAlignment(rows, i), out SlotModel? narrow, out SlotModel? wide);
            FieldModel? field = Field(row, type, narrow, wide, resolver);
            if (isPlaced && field is not null)
                Add(field, row);
        }

        List<(StructRow Row, ResolvedType Type)> tail = Tail(below, resolver);
        _placer.CheckSize();
        if (_fields.Count == 0 && tail.Count == 0)
            return null;
        string[] behind = [.. below.OfType<StructRow>().Select(row => row.Name.Value)];
        var lets = new LetBinder(types, owner, syntax, [.. _fields.Select(entry => entry.Field)], behind);
        foreach (LetRow row in syntax.Lets)
        {
            if (lets.Bind(row) is { } model && !TryAdd(model, row))
                lets.Drop(row);
        }

        BindTail(tail, resolver);
        return HasFreeName() ? Model() : null;
    }

    /// <summary>Checks where the rows behind the fixed part say that they stand, and finds their types.</summary>
    private List<(StructRow Row, ResolvedType Type)> Tail(IReadOnlyList<StructRow?> rows, TypeResolver resolver)
    {
        List<(StructRow Row, ResolvedType Type)> tail = [];
        bool isFirst = true;
        foreach (StructRow? row in rows)
        {
            if (row is null || TailBinder.Element(resolver, row) is not { } type)
            {
                isFirst = false;
                continue;
            }

            bool isPlaced = isFirst ? _placer.StartTail(row, TailBinder.Alignment(resolver, row, type, syntax.Head.IsPacked)) : _placer.CheckTail(row);
            isFirst = false;
            if (isPlaced)
                tail.Add((row, type));
        }

        return tail;
    }

    private void BindTail(List<(StructRow Row, ResolvedType Type)> rows, TypeResolver resolver)
    {
        if (rows.Count == 0)
        {
            // Where a row is broken, its size may vary all the same.
            if (syntax.Head.Align is { } align && !_isVarying && !syntax.Rows.Contains(null))
                RefuseHead(align.Range, "align", "its size is fixed");
            return;
        }

        if (syntax.Head.GateField is { } gate)
            RefuseHead(gate.Range, "gate", "its size varies; put the rows with gates into a structure of their own");
        if (syntax.Head.Ends is { } ends)
            RefuseHead(ends.Range, "ends", "its size varies");
        if (syntax.Head.Align is { } step && !(TailBinder.IsAlignment(step.Value.Narrow) && TailBinder.IsAlignment(step.Value.Wide)))
            RefuseHead(step.Range, "align", "an alignment is a power of two, and at most 65536");
        else if (syntax.Head is { IsWord: false, Align: { } pair } && pair.Value.Narrow != pair.Value.Wide)
            RefuseHead(pair.Range, $"align {pair.Value.Narrow}|{pair.Value.Wide}", "it has no variants; add 'word 32|64' to its head");
        var binder = new TailBinder(types, owner, syntax, resolver, [.. _fields.Select(entry => entry.Field)], _lets);
        foreach ((StructRow row, ResolvedType type) in rows)
        {
            if (binder.Bind(row, type) is not { } model)
                continue;
            if (TryAdd(model, row))
                binder.Add(model);
            else
                binder.Drop(row);
        }
    }

    private void RefuseHead(SourceRange range, string word, string reason) =>
        owner.Problems.Add(SpecDescriptors.Misplaced, range, owner.Name, word, reason);

    private StructModel Model()
    {
        StructHead head = syntax.Head;
        // A gate of a structure whose size varies has its message; without it, all rows are there.
        VersionGateModel? versions = _tail.Count > 0 ? null : Versions();
        uint floor = versions?.Lowest ?? 0;
        int narrowFloor = FloorLength(field => field.Narrow, floor);
        int wideFloor = FloorLength(field => field.Wide, floor);
        string? lengthField = NumberField(head.LengthField)?.Name;
        int? endByte = EndByte(Math.Min(narrowFloor, wideFloor));
        bool canBeShort = lengthField is not null || endByte is not null;
        foreach ((FieldModel field, StructRow row) in _fields)
            CheckReferences(field, row, versions, canBeShort ? Math.Min(narrowFloor, wideFloor) : int.MaxValue);

        return new StructModel(
            owner.Protocol,
            owner.Namespace,
            owner.Name,
            owner.CSharpName,
            owner.HintName,
            syntax.Doc,
            owner.IsBigEndian,
            head.IsPacked,
            (int)Math.Min(head.BaseOffset, int.MaxValue),
            Variant(_placer.Narrow, narrowFloor, head.IsWord ? head.Align?.Value.Narrow : head.Align?.Value.Wide),
            Variant(_placer.Wide, wideFloor, head.Align?.Value.Wide),
            head.IsWord,
            versions,
            endByte,
            lengthField,
            new EquatableArray<FieldModel>(_fields.Select(entry => entry.Field)),
            new EquatableArray<LetModel>(_lets),
            new EquatableArray<TailModel>(_tail));
    }

    private VariantModel Variant(LayoutCursor cursor, int floor, ulong? step)
    {
        // Where both must agree and do not, that is reported; what is generated of the rest goes by one of them.
        int size = (int)_placer.Size(syntax.Head.IsWord ? cursor : _placer.Wide);
        return _tail.Count == 0
            ? new VariantModel(size, cursor.Alignment, floor)
            : new VariantModel(size, cursor.Alignment, size, step is { } said && TailBinder.IsAlignment(said) ? (int)said : 1);
    }

    private FieldModel? Field(StructRow row, ResolvedType type, SlotModel? narrow, SlotModel? wide, TypeResolver resolver)
    {
        if ((type.Model.Kind == TypeKind.Pad ? "" : CSharpNames.Of(row, owner.Problems)) is not { } csharpName)
            return null;

        if (row.Gate is { } gate && !GateBinder.Check(gate, owner))
            return null;
        GateModel? model = GateBinder.Model(row.Gate, owner.Versions?.Lowest ?? 0);
        if (model is not null && !GateBinder.HasVersion(row, owner, syntax.Head))
            return null;

        if (Misplaced(row) is { } misplaced)
        {
            owner.Problems.Add(SpecDescriptors.Misplaced, misplaced.Range, row.Name.Value, misplaced.Word, "its size and place are fixed");
            return null;
        }

        if (row.Only is { } only && !syntax.Head.IsWord)
        {
            owner.Problems.Add(SpecDescriptors.OnlyWithoutVariants, only.Range, row.Name.Value, $"{only.Value}", owner.Name);
            return null;
        }

        var constants = new ConstantBinder(owner);
        if (GateBinder.Access(row, owner) is not { } access || !constants.Check(row, type) || !constants.TryBind(row, type, out ConstantModel? constant))
            return null;
        if (row.Pointee is { } pointee && !PointeeBinder.IsKnown(types, owner, row, type.Model, pointee))
            return null;
        ConditionModel? when = null;
        if (row.When is { } said)
        {
            when = new TailBinder(types, owner, syntax, resolver, [.. _fields.Select(entry => entry.Field)], []).Condition(said);
            if (when is null)
                return null;
        }

        PointeeModel? target = row.Pointee is { } to ? new PointeeModel(to.Type.Value, to.CountField?.Value, to.Text) : null;
        var field = new FieldModel(
            row.Name.Value, csharpName, row.Doc, type.Model, narrow, wide, model, access, constant, row.Else?.Value, row.Zero?.Value, target)
        {
            When = when,
        };
        return narrow is null && wide is null ? field : new RuleBinder(types, owner, syntax).Bind(row, field, canCheck: true);
    }

    /// <summary>A word that only a row of varying size or place has.</summary>
    private static (SourceRange Range, string Word)? Misplaced(StructRow row) =>
        row.Align is { } align ? (align.Range, "align")
            : row.Until is { } until ? ((until.Field?.Range ?? until.Value.Range), "until")
            : row.Sized is { } sized ? (sized, "sized")
            : row.By is { } by ? (by.Range, "by")
            : null;

    private void Add(FieldModel field, StructRow row)
    {
        if (field.IsPad)
        {
            _fields.Add((field, row));
            return;
        }

        int twin = _fields.FindIndex(other => other.Field.Name == field.Name && !other.Field.IsPad);
        if (twin >= 0)
        {
            FieldModel first = _fields[twin].Field;
            bool isOtherVariant = (first.Narrow is null || field.Narrow is null) && (first.Wide is null || field.Wide is null);
            if (!isOtherVariant || !FieldTwins.IsSameButForSize(first.Type, field.Type) || first.CSharpName != field.CSharpName)
            {
                owner.Problems.Add(SpecDescriptors.DuplicateRow, row.Name.Range, owner.Name, row.Name.Value);
                return;
            }

            if (FieldTwins.Difference(first, field) is { } difference)
            {
                owner.Problems.Add(SpecDescriptors.TwinsDiffer, row.Name.Range, row.Name.Value, difference);
                return;
            }

            _fields[twin] = (first with { Narrow = first.Narrow ?? field.Narrow, Wide = first.Wide ?? field.Wide }, _fields[twin].Row);
            return;
        }

        if (TakeMembers(row, FieldMembers.Of(field, syntax.Head)))
            _fields.Add((field, row));
    }

    private bool TryAdd(LetModel model, LetRow row)
    {
        if (_fields.Any(entry => entry.Field.Name == model.Name) || _lets.Any(other => other.Name == model.Name))
        {
            owner.Problems.Add(SpecDescriptors.DuplicateRow, row.Name.Range, owner.Name, row.Name.Value);
            return false;
        }

        if (!TakeMembers(row, FieldMembers.Of(model)))
            return false;
        _lets.Add(model);
        return true;
    }

    private bool TryAdd(TailModel model, StructRow row)
    {
        if (!model.Field.IsPad)
        {
            string name = model.Field.Name;
            if (_fields.Any(entry => entry.Field.Name == name) || _lets.Any(let => let.Name == name) || _tail.Any(other => other.Field.Name == name))
            {
                owner.Problems.Add(SpecDescriptors.DuplicateRow, row.Name.Range, owner.Name, name);
                return false;
            }

            if (!TakeMembers(row, FieldMembers.Of(model)))
                return false;
        }

        _tail.Add(model);
        return true;
    }

    /// <summary>Gives a row its members; false if one of them is taken, which has been reported.</summary>
    private bool TakeMembers(RowSyntax row, IEnumerable<(MemberOwner Owner, string Name)> members)
    {
        foreach ((MemberOwner Owner, string Name) member in members)
        {
            if (Taker(member) is not { } taker)
                continue;
            owner.Problems.AddTaken((row.CSharpName ?? row.Name).Range, row.Name.Value, member.Name, taker);
            return false;
        }

        foreach ((MemberOwner Owner, string Name) member in members)
            _members.Add(member, $"'{row.Name.Value}'");
        return true;
    }

    private string? Taker((MemberOwner Owner, string Name) member)
    {
        if (member.Owner == MemberOwner.View && member.Name == owner.CSharpName)
            return "its own structure";
        bool isReserved = CSharpNames.Reserved.Contains(member.Name)
            || (_isVarying && CSharpNames.DeclaredWhereVarying.Contains(member.Name))
            || member.Name.StartsWith(CSharpNames.TailEnd, StringComparison.Ordinal);
        if (member.Owner == MemberOwner.View && isReserved)
            return "a member that every structure has";
        return _members.TryGetValue(member, out string? taker) ? taker : null;
    }

    /// <summary>Whether a member does not have the structure's own name; if one does, that is reported.</summary>
    private bool HasFreeName()
    {
        if (!_isVarying || !CSharpNames.DeclaredWhereVarying.Contains(owner.CSharpName))
            return true;
        Located<string> written = owner.Syntax.CSharpName ?? owner.Syntax.Name;
        owner.Problems.AddTaken(written.Range, owner.Name, owner.CSharpName, "a member that every structure of varying size has");
        return false;
    }

    private VersionGateModel? Versions()
    {
        if (syntax.Head.GateMagic is { } magic && NumberField(magic) is null)
            return null;
        if (syntax.Head.GateField is null || NumberField(syntax.Head.GateField) is not { } field)
            return null;
        if (owner.Versions is { } versions)
            return new VersionGateModel(field.Name, versions.IsDotted, versions.Lowest, versions.Highest!.Value);
        uint newest = _fields
            .SelectMany(entry => new[] { entry.Field.Gate, entry.Field.Access.WriteGate })
            .Select(gate => gate is null ? 0 : Math.Max(gate.Lowest, gate.Highest ?? 0))
            .Max();
        return new VersionGateModel(field.Name, false, 0, newest);
    }

    private int FloorLength(Func<FieldModel, SlotModel?> place, uint floor)
        => _fields
            .Where(entry => !entry.Field.IsPad && (entry.Field.Gate?.Lowest ?? 0) <= floor)
            .Select(entry => place(entry.Field))
            .Select(slot => slot is null ? 0 : slot.Offset + slot.Size)
            .DefaultIfEmpty(0)
            .Max();

    private int? EndByte(int floor)
    {
        if (syntax.Head.Ends is not { } ends)
            return null;
        ulong start = syntax.Head.BaseOffset;
        if (ends.Value >= start && ends.Value - start < (ulong)floor)
            return (int)(ends.Value - start);
        owner.Problems.Add(
            SpecDescriptors.BadEnd, ends.Range, $"0x{ends.Value:x}", owner.Name, $"0x{start:x}", $"0x{start + (ulong)Math.Max(floor - 1, 0):x}");
        return null;
    }

    /// <summary>A field that another part of the spec refers to by name; it must be one number, and mostly always there.</summary>
    private FieldModel? NumberField(Located<string>? name, bool mayBeAbsent = false)
    {
        if (name is not { } written)
            return null;
        foreach ((FieldModel field, _) in _fields)
        {
            bool isNumber = field.Type is { IsArray: false, Kind: TypeKind.Unsigned or TypeKind.Version or TypeKind.Enumeration or TypeKind.Flags };
            bool isAlwaysThere = field is { Gate: null, When: null, Narrow: not null, Wide: not null };
            if (field.Name == written.Value && isNumber && (isAlwaysThere || mayBeAbsent))
                return field;
        }

        // A field that was dropped for another reason has had its message already.
        if (_fields.Select(entry => entry.Field).FirstOrDefault(field => field.Name == written.Value) is { } other)
        {
            owner.Problems.Add(SpecDescriptors.UnknownField, written.Range, owner.Name, written.Value, NumberHint.Of(other));
        }
        else if (!syntax.Rows.Any(row => row is null || row.Name.Value == written.Value))
        {
            string? near = NearName.Find(written.Value, _fields.Select(entry => entry.Field.Name).Where(known => known.Length > 0));
            owner.Problems.AddNear(SpecDescriptors.UnknownField, written.Range, near, owner.Name, written.Value);
        }

        return null;
    }

    /// <summary>Checks what can only be known with all rows at hand. The row stays: it can still be read.</summary>
    private void CheckReferences(FieldModel field, StructRow row, VersionGateModel? versions, int shortest)
    {
        if (row.Type.CountField is { } count)
            NumberField(count);
        if (row.Pointee?.CountField is { } targetCount)
            NumberField(targetCount, mayBeAbsent: true);
        int end = Math.Max(field.Narrow is { } narrow ? narrow.Offset + narrow.Size : 0, field.Wide is { } wide ? wide.Offset + wide.Size : 0);
        bool canBeAbsent = field.Gate is not null || field.When is not null || end > shortest || row.Only is not null;
        if (row.Else is { } value && !canBeAbsent && (versions is not null || syntax.Head.GateField is null))
            owner.Problems.Add(SpecDescriptors.ElseNeverUsed, value.Range, field.Name);
    }
}
