using System.Linq;

namespace BootProtocol.Generators.Model;

/// <summary>A structure as the emitter needs it: names, places and rules, no positions in a file.</summary>
/// <param name="Protocol">The protocol's name, as the spec spells it.</param>
/// <param name="Namespace">The C# namespace of the generated type.</param>
/// <param name="Name">The structure's own name.</param>
/// <param name="CSharpName">The name of the generated type.</param>
/// <param name="HintName">The name of the generated file.</param>
/// <param name="Doc">One or more lines of documentation; may be empty.</param>
/// <param name="IsBigEndian">Whether numbers are stored most significant byte first.</param>
/// <param name="IsPacked">Whether fields follow each other without alignment.</param>
/// <param name="BaseOffset">The file offset at which the structure starts (<c>at</c>), 0 if it has none.</param>
/// <param name="Narrow">The layout for 32 bits; equal to <paramref name="Wide"/> where <paramref name="IsWord"/> is false.</param>
/// <param name="Wide">The layout for 64 bits.</param>
/// <param name="IsWord">Whether the structure has a 32-bit and a 64-bit variant.</param>
/// <param name="Gate">What decides which version a stored structure has; null if it has no versions.</param>
/// <param name="EndByte">Own offset of the byte that says how many bytes follow it (<c>ends</c>); null if there is none.</param>
/// <param name="LengthField">The field that holds the structure's whole length in bytes (<c>length</c>); null if there is none.</param>
/// <param name="Fields">All rows in order, pads included.</param>
/// <param name="Lets">The numbers that are computed of them, in order.</param>
/// <param name="Tail">The rows behind the fixed part, in order; empty where all structures have one size.</param>
internal sealed record StructModel(
    string Protocol,
    string Namespace,
    string Name,
    string CSharpName,
    string HintName,
    string Doc,
    bool IsBigEndian,
    bool IsPacked,
    int BaseOffset,
    VariantModel Narrow,
    VariantModel Wide,
    bool IsWord,
    VersionGateModel? Gate,
    int? EndByte,
    string? LengthField,
    EquatableArray<FieldModel> Fields,
    EquatableArray<LetModel> Lets,
    EquatableArray<TailModel> Tail)
{
    /// <summary>Whether the size of a stored structure depends on what is stored.</summary>
    public bool IsVarying => Tail.Count > 0;

    /// <summary>Whether some row has a rule or is a checksum, here or in a structure that is a row's type.</summary>
    public bool HasRules => Fields.Concat(Tail.Select(row => row.Field))
        .Any(row => row.Rules.Count > 0 || row.Checksum is not null || row.StructureHasRules);

    /// <summary>Whether some row is a checksum.</summary>
    public bool HasChecksums => Fields.Concat(Tail.Select(row => row.Field)).Any(row => row.Checksum is not null);

    /// <summary>Whether the generated type has an <c>Author</c> beside its <c>Writer</c>: some field is not for boot loaders to write.</summary>
    public bool HasAuthor => Fields.Any(row => !row.IsPad && row.Constant is null && !row.Access.CanWrite);
}

/// <summary>Size, alignment and shortest acceptable length of one variant of a structure, in bytes.</summary>
/// <param name="Size">The whole size; of a structure of varying size that of its fixed part, nothing behind its last row.</param>
/// <param name="Alignment">The alignment that a C compiler gives the structure.</param>
/// <param name="FloorLength">The end of the last row that is present at the lowest version.</param>
/// <param name="Step">What the size of a structure of varying size is rounded up to.</param>
internal sealed record VariantModel(int Size, int Alignment, int FloorLength, int Step = 1);

/// <summary>Which field holds the version, and which versions there are. Versions are compared as stored numbers.</summary>
/// <param name="Field">The field that holds the version.</param>
/// <param name="IsDotted">Whether versions are written major.minor (stored as major * 256 + minor).</param>
/// <param name="Lowest">The version that everything ungated is present at.</param>
/// <param name="Highest">The newest version that the spec knows.</param>
internal sealed record VersionGateModel(string Field, bool IsDotted, uint Lowest, uint Highest);
