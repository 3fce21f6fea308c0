using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>A field of a structure, in one variant.</summary>
/// <example><code>
/// foreach (SpecField field in SetupHeader.Layout.Info.Variant(WordSize.Bits64).Fields)
///     Console.WriteLine($"0x{field.Offset:x} {field.Type} {field.Name} {field.Gate?.Text} {field.Access}");
/// </code></example>
public sealed class SpecField
{
    /// <summary>The field's own name; empty for a pad.</summary>
    public required string Name { get; init; }

    /// <summary>The type as the spec writes it, such as <c>u32</c> or <c>char[32]</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What is stored.</summary>
    public required SpecKind Kind { get; init; }

    /// <summary>The offset in bytes from the structure's own start.</summary>
    public required int Offset { get; init; }

    /// <summary>The whole size in bytes.</summary>
    public required int Size { get; init; }

    /// <summary>The size in bytes of one element; equal to <see cref="Size"/> where the field is no array.</summary>
    public required int ElementSize { get; init; }

    /// <summary>Whether the field holds several elements (text, bytes and pads do not count as such).</summary>
    public bool IsArray { get; init; }

    /// <summary>
    /// Of an array of arrays: how many elements each of those inside has, the outermost of them first; of texts and bytes the last number is the
    /// length of one in bytes. Empty for other fields.
    /// </summary>
    public ImmutableArray<int> Inner { get; init; } = [];

    /// <summary>The size in bytes of one value, of which an element has several if it is an array itself.</summary>
    public int ValueSize => Kind is SpecKind.Text or SpecKind.Bytes && !Inner.IsEmpty
        ? Inner[^1]
        : Inner.Aggregate(ElementSize, static (size, length) => size / Math.Max(length, 1));

    /// <summary>Whether the number is stored as hexadecimal digits.</summary>
    public bool IsDigits { get; init; }

    /// <summary>Whether the number is stored in bytes of 7 bits each, the lowest first, the highest bit of a byte saying that another one follows.</summary>
    public bool IsLeb128 { get; init; }

    /// <summary>Whether its numbers are stored most significant byte first; null if they are as the structure says.</summary>
    public bool? IsBigEndian { get; init; }

    /// <summary>The field that says how many elements are in use; null if all are.</summary>
    public string? CountField { get; init; }

    /// <summary>The versions that have the field; null if every version has it.</summary>
    public SpecGate? Gate { get; init; }

    /// <summary>
    /// What has to hold for the field to be the member of its union that is meant; null where the spec does not say, and for rows behind the fixed
    /// part, which have it in their <see cref="SpecTail"/>.
    /// </summary>
    public SpecCondition? Condition { get; init; }

    /// <summary>The protocol's access words, such as <c>modify obligatory</c>; empty if it has none.</summary>
    public string Access { get; init; } = "";

    /// <summary>Whether a boot loader may write the field.</summary>
    public bool IsWritable { get; init; }

    /// <summary>The one value that the field must hold; null if any will do, or if it has more than 8 bytes.</summary>
    public ulong? Constant { get; init; }

    /// <summary>The bytes that the field must hold where they are more than 8; else empty.</summary>
    public ImmutableArray<byte> ConstantBytes { get; init; } = [];

    /// <summary>What the field counts as where it is absent; null if then it has no value.</summary>
    public ulong? Else { get; init; }

    /// <summary>What a stored 0 stands for; null if it stands for itself.</summary>
    public ulong? Zero { get; init; }

    /// <summary>Whether it is one number, in however many bytes.</summary>
    internal bool IsOneNumber => this is { Kind: SpecKind.Unsigned, IsArray: false };

    /// <summary>What the address points at, as the spec writes it; null if that is not said.</summary>
    public string? Pointee { get; init; }

    /// <summary>What the value has to be; of an array each element. Empty if it can be anything that the type can hold.</summary>
    public ImmutableArray<SpecRule> Rules { get; init; } = [];

    /// <summary>What the value is the checksum of; null if it is none.</summary>
    public SpecChecksum? Checksum { get; init; }

    /// <summary>What the field means; lines are separated by <c>\n</c>.</summary>
    public required string Doc { get; init; }

    /// <summary>For <see cref="SpecKind.Structure"/>: the nested structure. A function, so that only what is used is made.</summary>
    public Func<SpecStructure>? Structure { get; init; }

    /// <summary>For <see cref="SpecKind.Choice"/>: what can be chosen.</summary>
    public Func<SpecChoice>? Choice { get; init; }

    /// <summary>For <see cref="SpecKind.Flags"/> and <see cref="SpecKind.Enumeration"/>: what the values mean.</summary>
    public Func<SpecEnumeration>? Enumeration { get; init; }
}
