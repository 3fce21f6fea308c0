using System.Collections.Immutable;

namespace BootProtocol.Layout.Tests.Btf;

/// <summary>A type that a compiler describes in BPF's type format.</summary>
/// <param name="Kind">The format's number of the kind of type.</param>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="SizeOrType">The size in bytes, or the number of the type that it refers to, by kind.</param>
/// <param name="Count">For an array: the number of elements.</param>
/// <param name="Members">For structures and unions: the members.</param>
internal sealed record BtfType(int Kind, string Name, int SizeOrType, int Count, ImmutableArray<BtfMember> Members)
{
    public const int Pointer = 2;
    public const int Array = 3;
    public const int Structure = 4;
    public const int Union = 5;
    public const int Typedef = 8;
    public const int Volatile = 9;
    public const int Const = 10;
    public const int Restrict = 11;
}
