using BootProtocol.Layout.Tests.Headers;

namespace BootProtocol.Layout.Tests.Tables;

/// <summary>A line of a twin table: where something of a spec stands in C, or why it stands nowhere.</summary>
/// <param name="Kind">What it speaks of.</param>
/// <param name="Block">The structure, enumeration or notes block.</param>
/// <param name="Member">The field, enumerator or note; empty if the line speaks of the whole block.</param>
/// <param name="Bits">32 or 64 if the line holds for that word size only, else 0.</param>
/// <param name="Range">The headers that the line holds for; null for all.</param>
/// <param name="IsNone">Whether there is no twin.</param>
/// <param name="Text">The type, member or expression in C; where there is no twin, the reason.</param>
/// <param name="File">The table's file name.</param>
/// <param name="Number">The line's number, from 1.</param>
internal sealed record TwinLine(TwinKind Kind, string Block, string Member, int Bits, HeaderRange? Range, bool IsNone, string Text, string File, int Number)
{
    public string Name => Member.Length == 0 ? Block : $"{Block}.{Member}";

    public string Place => $"{File}({Number})";

    public bool HoldsFor(int bits) => Bits == 0 || Bits == bits;

    public bool HoldsFor(int bits, HeaderSet headers) => HoldsFor(bits) && (Range?.Holds(headers) ?? true);
}
