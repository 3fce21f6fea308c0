using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>
/// Gives every row its place, as a C compiler would in the same structure, for 32 and for 64 bits, and complains where the
/// spec's own offsets say otherwise.
/// </summary>
internal sealed class RowPlacer(Declaration owner, StructSyntax syntax)
{
    private const long Largest = StructHead.LargestOffset;

    private readonly bool _isPacked = syntax.Head.IsPacked;
    private readonly long _base = (long)syntax.Head.BaseOffset;

    private bool _hasTail;

    public LayoutCursor Narrow { get; } = new(syntax.Head.IsPacked);

    public LayoutCursor Wide { get; } = new(syntax.Head.IsPacked);

    /// <summary>The union that starts at a row aligns like its strictest member: the rows that follow at the same place count too.</summary>
    public static (int Narrow, int Wide) GroupAlignment(IReadOnlyList<(StructRow? Row, ResolvedType? Type)> rows, int index)
    {
        int narrow = 1;
        int wide = 1;
        for (int i = index; i < rows.Count && (i == index || rows[i].Row is null or { Position.Kind: PositionKind.Same }); i++)
        {
            if (rows[i].Type is not { } type)
                continue;
            narrow = System.Math.Max(narrow, type.Narrow.Alignment);
            wide = System.Math.Max(wide, type.Wide.Alignment);
        }

        return (narrow, wide);
    }

    /// <summary>Notes that a row cannot be placed.</summary>
    public void Lose()
    {
        Narrow.Lose();
        Wide.Lose();
    }

    /// <summary>Places a row; false if it cannot be placed, which has been reported.</summary>
    public bool Place(StructRow row, ResolvedType type, (int Narrow, int Wide) alignment, out SlotModel? narrow, out SlotModel? wide)
    {
        narrow = null;
        wide = null;
        int? only = syntax.Head.IsWord ? row.Only?.Value : null;
        bool isPlaced = (only == 64 || TryPlace(row, type, type.Narrow, alignment.Narrow, Narrow, out narrow))
            && (only == 32 || TryPlace(row, type, type.Wide, alignment.Wide, Wide, out wide));
        if (!isPlaced)
        {
            Lose();
            return false;
        }

        if (syntax.Head.IsWord || narrow!.Offset == wide!.Offset)
            return true;
        owner.Problems.Add(
            SpecDescriptors.WordSizeMatters, row.Position.Range, Label(row), Shown(narrow.Offset), Shown(wide.Offset), owner.Name);
        Lose();
        return false;
    }

    /// <summary>Compares the finished layout with the size in the head, and 32 bits with 64 where they must agree.</summary>
    public void CheckSize()
    {
        if (!Narrow.IsKnown || !Wide.IsKnown || syntax.Rows.Any(row => row is null))
            return;
        if (syntax.Head.Size is { } size)
        {
            if (size.Value.Narrow != (ulong)Size(Narrow))
                ReportSize(size.Range, Size(Narrow), syntax.Head.IsWord ? " for 32 bits" : "", size.Value.Narrow);
            else if (size.Value.Wide != (ulong)Size(Wide))
                ReportSize(size.Range, Size(Wide), syntax.Head.IsWord ? " for 64 bits" : "", size.Value.Wide);
        }

        if (!_hasTail && !syntax.Head.IsWord && Narrow.Size != Wide.Size)
        {
            owner.Problems.Add(
                SpecDescriptors.WordSizeMatters, syntax.Name.Range, "The end", Shown(Narrow.Size), Shown(Wide.Size), owner.Name);
        }
    }

    /// <summary>The size of the structure in a variant; of one of varying size that of its fixed part, which nothing follows.</summary>
    public long Size(LayoutCursor cursor) => _hasTail ? cursor.End : cursor.Size;

    /// <summary>Checks the place of the first row whose size varies: right behind the others.</summary>
    /// <returns>False if it stands elsewhere, which has been reported.</returns>
    public bool StartTail(StructRow row, (int Narrow, int Wide) alignment)
    {
        _hasTail = true;
        if (row.Position.Kind != PositionKind.Number)
            return CheckTail(row);
        long narrow = Narrow.Next(alignment.Narrow);
        long wide = Wide.Next(alignment.Wide);
        if (!IsWhereItSays(row, Narrow, ref narrow) || !IsWhereItSays(row, Wide, ref wide))
            return false;
        Narrow.Place(narrow, 0, alignment.Narrow);
        Wide.Place(wide, 0, alignment.Wide);
        return true;
    }

    /// <summary>Checks how a row says where it stands whose place varies: as the next.</summary>
    /// <returns>False if it says something else, which has been reported.</returns>
    public bool CheckTail(StructRow row)
    {
        if (row.Position.Kind == PositionKind.Next)
            return true;
        string written = row.Position.Kind == PositionKind.Same ? "=" : $"0x{row.Position.Value:x}";
        owner.Problems.AddMendable(SpecDescriptors.Misplaced, row.Position.Range, ".", Label(row), written, "its size or place varies; write '.'");
        return false;
    }

    private void ReportSize(SourceRange range, long size, string variant, ulong written)
        => owner.Problems.Add(SpecDescriptors.SizeMismatch, range, owner.Name, $"{size}", variant, $"{written}");

    private bool TryPlace(StructRow row, ResolvedType type, Measure measure, int alignment, LayoutCursor cursor, out SlotModel? slot)
    {
        slot = null;
        if (row.Position.Kind == PositionKind.Same)
        {
            if (!cursor.HasRow)
            {
                if (cursor.IsKnown)
                    owner.Problems.Add(SpecDescriptors.NothingAbove, row.Position.Range, Label(row));
                return false;
            }

            slot = new SlotModel((int)cursor.PlaceSame(measure.Size, measure.Alignment), (int)measure.Size, measure.ElementSize, type.Model.Text);
            return true;
        }

        long next = cursor.Next(_isPacked ? 1 : alignment);
        if (row.Position.Kind == PositionKind.Number && !IsWhereItSays(row, cursor, ref next))
            return false;
        long size = measure.Size;
        if (row.Type.PadTo is { } end)
        {
            if (syntax.Head.IsStartTooLarge)
                return false;
            size = (long)System.Math.Min(end.Value, long.MaxValue) - _base - next;
            if (size < 0)
            {
                if (cursor.IsKnown)
                    owner.Problems.Add(SpecDescriptors.PadBehind, end.Range, $"0x{end.Value:x}", Shown(next));
                return false;
            }
        }

        if (size > Largest - next)
        {
            owner.Problems.Add(SpecDescriptors.BadCount, row.Type.Range, Label(row), owner.Name, $"{(ulong)next + (ulong)size}", $"{Largest}");
            return false;
        }

        cursor.Place(next, size, alignment);
        slot = new SlotModel((int)next, (int)size, type.Model.IsArray ? measure.ElementSize : (int)size, type.Model.Text);
        return true;
    }

    private bool IsWhereItSays(StructRow row, LayoutCursor cursor, ref long next)
    {
        if (syntax.Head.IsStartTooLarge)
            return true;
        long written = (long)System.Math.Min(row.Position.Value, long.MaxValue) - _base;
        if (!cursor.IsKnown && written >= 0)
        {
            next = written;
            return true;
        }

        if (written == next)
            return true;
        string position = $"0x{row.Position.Value:x}";
        if (!cursor.HasRow)
            owner.Problems.AddMendable(SpecDescriptors.WrongStart, row.Position.Range, Shown(next), Label(row), position, owner.Name, Shown(next));
        else if (written < next)
            owner.Problems.AddMendable(SpecDescriptors.Overlap, row.Position.Range, Shown(next), Label(row), position, Shown(next));
        else
            owner.Problems.AddMendable(SpecDescriptors.Gap, row.Position.Range, Shown(next), Label(row), position, Shown(next), $"{written - next}");
        return false;
    }

    /// <summary>An own offset as the protocol's document counts it.</summary>
    private string Shown(long offset) => $"0x{offset + _base:x}";

    private static string Label(StructRow row) => row.Name.Value.Length > 0 ? row.Name.Value : row.Type.Text;
}
