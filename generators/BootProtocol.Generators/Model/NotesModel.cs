namespace BootProtocol.Generators.Model;

/// <summary>A <c>notes</c> block: the ELF notes of one owner.</summary>
/// <param name="HintName">The name of the generated file.</param>
internal sealed record NotesModel(
    string Protocol,
    string Namespace,
    string Name,
    string CSharpName,
    string HintName,
    string Doc,
    string Owner,
    bool IsBigEndian,
    EquatableArray<NoteRowModel> Rows);

/// <summary>How a note's descriptor is read.</summary>
internal enum NoteKind
{
    /// <summary>A NUL-padded text; the NUL may be missing.</summary>
    Text,

    /// <summary>A number of 1, 2, 4 or 8 bytes, by the descriptor's own size.</summary>
    Number,

    /// <summary>An array of numbers of a fixed size, as many as the descriptor holds.</summary>
    Numbers,

    /// <summary>Plain bytes.</summary>
    Bytes,

    /// <summary>A structure of the spec.</summary>
    Structure,
}

/// <summary>A note.</summary>
/// <param name="Type">The note's type number.</param>
/// <param name="CSharpType">The C# type of the value (of one element for <see cref="NoteKind.Numbers"/>).</param>
/// <param name="ElementSize">For <see cref="NoteKind.Numbers"/>: bytes of an element; 0 if it is 4 or 8 by the ELF class.</param>
/// <param name="TypeText">The type as the spec writes it.</param>
/// <param name="ValueKind">The kind of the value, as for a structure's row.</param>
/// <param name="Else">What an absent note counts as; null if then it has no value.</param>
internal sealed record NoteRowModel(
    uint Type,
    NoteKind Kind,
    TypeKind ValueKind,
    string TypeText,
    string CSharpType,
    int ElementSize,
    string Name,
    string CSharpName,
    string Doc,
    ulong? Else,
    string AccessText);
