using System.Text;
using BootProtocol.Btf;

namespace BootProtocol.Types;

/// <summary>A type of a kernel.</summary>
/// <example><code>
/// if (KernelTypes.Read(kernel.Elf) is { } types &amp;&amp; types.TryFind("list_head", out KernelType list))
///     Console.WriteLine($"{list}, kind {list.Kind}: {list.Size} bytes");
/// </code></example>
public readonly struct KernelType : IEquatable<KernelType>
{
    /// <summary>How far types may refer to types: those of C programs do not come near.</summary>
    internal const int MaximumDepth = 64;

    private readonly KernelTypes _types;

    internal KernelType(KernelTypes types, int id)
    {
        _types = types;
        Id = id;
    }

    /// <summary>Its number; 0 is <c>void</c>.</summary>
    public int Id { get; }

    /// <summary>The kind of type.</summary>
    public BtfKind Kind => Id == 0 ? BtfKind.Void : Record.Info.GetKind();

    /// <summary>Its name; empty if it has none.</summary>
    /// <exception cref="BootFormatException">It lies outside of the texts, or has more than 4096 bytes.</exception>
    public string Name => Encoding.UTF8.GetString(NameBytes);

    /// <summary>Its size in bytes: of a function and of <c>void</c> 0.</summary>
    /// <exception cref="BootFormatException">Types refer to each other in a circle, or to none, or it is too large.</exception>
    public long Size => SizeAt(0);

    /// <summary>What it refers to: the type that a pointer points at, that another name stands for, of an array's elements, that a function returns.</summary>
    /// <exception cref="BootFormatException">There is no such type.</exception>
    public KernelType Target => Kind switch
    {
        BtfKind.Array => _types[(int)BtfArray.Parse(Following).TypeId],
        BtfKind.Pointer or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Function
            or BtfKind.FunctionType or BtfKind.Variable => _types[(int)Record.TypeId],
        _ => new KernelType(_types, 0),
    };

    /// <summary>The type behind other names, <c>const</c>, <c>volatile</c> and the like.</summary>
    /// <exception cref="BootFormatException">Types refer to each other in a circle, or to none.</exception>
    public KernelType Resolved
    {
        get
        {
            KernelType type = this;
            for (int depth = 0; type.Kind is BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag; depth++)
                type = depth < MaximumDepth ? type.Target : throw Circle();
            return type;
        }
    }

    /// <summary>The number of elements of an array; 0 for what is none.</summary>
    public long ElementCount => Kind == BtfKind.Array ? BtfArray.Parse(Following).Count : 0;

    /// <summary>The members of a structure or a union, in the order of its declaration; else none.</summary>
    /// <exception cref="BootFormatException">A name or a type is none.</exception>
    public IEnumerable<KernelTypeMember> Members
    {
        get
        {
            int count = Kind is BtfKind.Structure or BtfKind.Union ? RecordCount : 0;
            for (int i = 0; i < count; i++)
                yield return MemberAt(i);
        }
    }

    /// <summary>The values of an enumeration, in the order of its declaration; else none.</summary>
    /// <exception cref="BootFormatException">A name is none.</exception>
    public IEnumerable<KernelTypeValue> Values
    {
        get
        {
            int count = Kind is BtfKind.Enumeration or BtfKind.LongEnumeration ? RecordCount : 0;
            for (int i = 0; i < count; i++)
                yield return ValueAt(i);
        }
    }

    /// <summary>The name's bytes.</summary>
    internal ReadOnlySpan<byte> NameBytes => Id == 0 ? default : _types.TextAt(Record.NameOffset);

    /// <summary>The word of C for what has members or values; null for other types.</summary>
    internal string? Word => Kind switch
    {
        BtfKind.Structure => "struct",
        BtfKind.Union => "union",
        BtfKind.Enumeration or BtfKind.LongEnumeration => "enum",
        _ => null,
    };

    /// <summary>What a function takes; a number of 0 stands for "and so on".</summary>
    internal IEnumerable<KernelType> Parameters
    {
        get
        {
            int count = Kind == BtfKind.FunctionType ? RecordCount : 0;
            for (int i = 0; i < count; i++)
                yield return _types[(int)BtfParameter.Parse(Following[(i * BtfParameter.Layout.Size)..]).TypeId];
        }
    }

    /// <summary>Whether a type that is only named is a union.</summary>
    internal bool IsForwardUnion => Record.Info.HasFlag(BtfInfo.KindFlag);

    private BtfRecord Record => BtfRecord.Parse(_types.RecordOf(Id));

    private ReadOnlySpan<byte> Following => _types.RecordOf(Id)[BtfRecord.Layout.Size..];

    private int RecordCount => (int)Record.Info.GetCount();

    /// <summary>Whether two types are the same one of one kernel.</summary>
    public static bool operator ==(KernelType left, KernelType right) => left.Equals(right);

    /// <summary>Whether two types are not the same one of one kernel.</summary>
    public static bool operator !=(KernelType left, KernelType right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(KernelType other) => ReferenceEquals(_types, other._types) && Id == other.Id;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KernelType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Id;

    /// <summary>The type as C has it, such as <c>struct list_head *</c>.</summary>
    /// <exception cref="BootFormatException">It refers to what is no type.</exception>
    public override string ToString() => new CTypeText().Of(this);

    private static BootFormatException Circle() => BtfFaults.Broken("type", null, "types that end", "a circle of types");

    private KernelTypeMember MemberAt(int index)
    {
        BtfMember member = BtfMember.Parse(Following[(index * BtfMember.Layout.Size)..]);
        bool hasWidths = Record.Info.HasFlag(BtfInfo.KindFlag);
        const int WidthShift = 24;
        uint offset = hasWidths ? member.Offset & ((1U << WidthShift) - 1) : member.Offset;
        int width = hasWidths ? (int)(member.Offset >> WidthShift) : 0;
        return new KernelTypeMember(Encoding.UTF8.GetString(_types.TextAt(member.NameOffset)), _types[(int)member.TypeId], offset, width);
    }

    private KernelTypeValue ValueAt(int index)
    {
        bool isSigned = Record.Info.HasFlag(BtfInfo.KindFlag);
        if (Kind == BtfKind.Enumeration)
        {
            BtfEnum value = BtfEnum.Parse(Following[(index * BtfEnum.Layout.Size)..]);
            return new KernelTypeValue(Encoding.UTF8.GetString(_types.TextAt(value.NameOffset)), isSigned ? value.Value : (uint)value.Value);
        }

        BtfEnum64 wide = BtfEnum64.Parse(Following[(index * BtfEnum64.Layout.Size)..]);
        ulong number = wide.Low | ((ulong)wide.High << 32);
        return new KernelTypeValue(Encoding.UTF8.GetString(_types.TextAt(wide.NameOffset)), isSigned ? (long)number : number);
    }

    private long SizeAt(int depth)
    {
        if (depth > MaximumDepth)
            throw Circle();
        switch (Kind)
        {
            case BtfKind.Pointer:
                return (int)_types.Word / 8;
            case BtfKind.Array:
                long element = Target.SizeAt(depth + 1);
                Int128 size = (Int128)element * ElementCount;
                return size <= int.MaxValue ? (long)size : throw BtfFaults.Broken("nelems", null, "an array below 2 GiB", BtfFaults.Text($"{size} bytes"));
            case BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag or BtfKind.Variable:
                return Target.SizeAt(depth + 1);
            case BtfKind.Integer or BtfKind.Structure or BtfKind.Union or BtfKind.Enumeration or BtfKind.LongEnumeration or BtfKind.Float
                or BtfKind.Section:
                return Record.Size;
            default:
                return 0;
        }
    }
}
