using System.Linq;

namespace BootProtocol.Generators.Model;

/// <summary>What kind of thing a row stores.</summary>
internal enum TypeKind
{
    /// <summary>Bytes that mean nothing.</summary>
    Pad,

    /// <summary>An unsigned number of 1, 2, 4 or 8 bytes; <c>word</c> is one whose size depends on the variant.</summary>
    Unsigned,

    /// <summary>A signed number of 1, 2, 4 or 8 bytes.</summary>
    Signed,

    /// <summary>Text of a fixed size, NUL-padded.</summary>
    Text,

    /// <summary>Plain bytes.</summary>
    Bytes,

    /// <summary>A version number in a structure whose versions are written major.minor.</summary>
    Version,

    /// <summary>An address that counts from somewhere else than those with types of their own: an unsigned number.</summary>
    Address,

    /// <summary>A physical address: <c>paddr32</c> or <c>paddr64</c>.</summary>
    PhysicalAddress,

    /// <summary>A virtual address.</summary>
    VirtualAddress,

    /// <summary>A machine address.</summary>
    MachineAddress,

    /// <summary>A pseudo-physical frame number.</summary>
    PhysicalFrame,

    /// <summary>A machine frame number.</summary>
    MachineFrame,

    /// <summary>A set of flags that the spec declares.</summary>
    Flags,

    /// <summary>An enumeration that the spec declares.</summary>
    Enumeration,

    /// <summary>Another structure.</summary>
    Structure,

    /// <summary>Bytes that are what a number elsewhere chooses.</summary>
    Choice,
}

/// <summary>How a number is stored.</summary>
internal enum NumberForm
{
    /// <summary>In 1, 2, 4 or 8 bytes.</summary>
    Plain,

    /// <summary>In as many bytes as its type says, or another number: at most 8.</summary>
    Sized,

    /// <summary>In bytes of 7 bits each, the lowest first; the highest bit of a byte says that another one follows (LEB128).</summary>
    Leb128,
}

/// <summary>The type of a row.</summary>
/// <param name="Kind">What is stored.</param>
/// <param name="Text">The type as the spec writes it.</param>
/// <param name="CSharpType">The type of one element: a C# keyword, or a name with <c>global::</c>.</param>
/// <param name="IsArray">Whether the row holds several elements. Text, bytes and pads are never arrays: their slot's size is their length.</param>
/// <param name="CountField">The field that says how many elements are in use; null if all are.</param>
/// <param name="IsWordSized">Whether one element is 4 bytes in the 32-bit variant and 8 in the 64-bit one; of a choice, whether it has variants.</param>
/// <param name="UnderlyingType">
/// For flags and enumerations: the C# keyword of the number that is stored. For choices: the C# type of the number that chooses. Else empty.
/// </param>
internal sealed record TypeModel(
    TypeKind Kind,
    string Text,
    string CSharpType,
    bool IsArray,
    string? CountField,
    bool IsWordSized,
    string UnderlyingType)
{
    /// <summary>Whether a number is stored most significant byte first; null if it is as the structure says.</summary>
    public bool? IsBigEndian { get; init; }

    /// <summary>
    /// Of an array of arrays: how many elements each of those inside has, the outermost of them first; of texts and bytes the last one is the
    /// length of one. Else empty.
    /// </summary>
    public EquatableArray<int> Inner { get; init; } = new([]);

    /// <summary>Whether it holds texts or bytes, each of a fixed size.</summary>
    public bool IsOfBytes => Kind is TypeKind.Text or TypeKind.Bytes;

    /// <summary>Bytes of one value, of which an element has several if it is an array itself.</summary>
    /// <param name="elementSize">Bytes of an element.</param>
    public int ValueSize(int elementSize)
    {
        int values = Inner.Take(Inner.Count - (IsOfBytes ? 1 : 0)).Aggregate(1, (product, length) => product * length);
        return values > 0 && Inner.Count > 0 ? elementSize / values : elementSize;
    }

    /// <summary>How many hexadecimal digits a number is stored as; 0 if it is stored as a number.</summary>
    public int Digits { get; init; }

    /// <summary>How a number is stored that is no text.</summary>
    public NumberForm Form { get; init; }

    /// <summary>The bits of the largest number that fits in <paramref name="size"/> bytes of this type.</summary>
    public int Bits(int size) => Digits > 0 ? Digits * 4 : size * 8;

    /// <summary>For a structure: whether its generated type has an <c>Author</c> (see <see cref="StructModel.HasAuthor"/>).</summary>
    public bool StructureHasAuthor { get; init; }
}
