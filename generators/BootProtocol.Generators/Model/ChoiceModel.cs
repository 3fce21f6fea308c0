namespace BootProtocol.Generators.Model;

/// <summary>A <c>choice</c> block: what bytes are, by a number that stands elsewhere.</summary>
/// <param name="HintName">The name of the generated file.</param>
/// <param name="TagType">The C# type of the number that chooses: a keyword, or an enumeration's name.</param>
/// <param name="TagTypeText">That type as the spec writes it.</param>
/// <param name="TagSize">The size of the number in bytes.</param>
/// <param name="TagIsEnumeration">Whether the number is an enumeration.</param>
/// <param name="IsWord">Whether some alternative has a 32-bit and a 64-bit variant.</param>
internal sealed record ChoiceModel(
    string Protocol,
    string Namespace,
    string Name,
    string CSharpName,
    string HintName,
    string Doc,
    string TagType,
    string TagTypeText,
    int TagSize,
    bool TagIsEnumeration,
    bool IsWord,
    EquatableArray<AlternativeModel> Alternatives);

/// <summary>What some values of the tag stand for.</summary>
/// <param name="First">The first value.</param>
/// <param name="Last">The last value; equal to <paramref name="First"/> where it is one.</param>
/// <param name="Kind">A structure, text, bytes, or nothing (a pad).</param>
/// <param name="TypeText">The type as the spec writes it.</param>
/// <param name="CSharpType">For a structure: its C# name.</param>
/// <param name="IsVarying">Whether the structure's size depends on what is stored.</param>
/// <param name="IsWord">Whether the structure has a 32-bit and a 64-bit variant.</param>
internal sealed record AlternativeModel(
    ulong First,
    ulong Last,
    TypeKind Kind,
    string TypeText,
    string CSharpType,
    bool IsVarying,
    bool IsWord,
    string Name,
    string CSharpName,
    string Doc);
