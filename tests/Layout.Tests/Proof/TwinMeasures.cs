using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Specs;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>
/// How much of a structure C has. Fields that have no twin count where something that C has stands behind them; the ones at the
/// end are not in C's structure, whose size and alignment are then those that the spec would give without these rows.
/// </summary>
internal sealed class TwinMeasures(TwinSet twins, int bits, HeaderSet headers)
{
    /// <summary>A layout that serves both word sizes is measured as the 64-bit one.</summary>
    public TwinMeasure Of(SpecStructure structure)
    {
        SpecVariant variant = structure.Variant((WordSize)bits);
        ILookup<bool, SpecField> fields = variant.Fields.ToLookup(field => HasTwin(structure, field));
        int end = fields[true].Select(field => field.Offset + field.Size).DefaultIfEmpty().Max();
        // Where C has no field at all, its structure says the same in another way.
        SpecField[] missing = end == 0 ? [] : [.. fields[false].Where(field => field.Offset >= end)];

        int size = 0;
        int alignment = 1;
        int widest = structure.IsPacked ? 1 : variant.Bits == 32 ? 4 : 8;
        List<string> left = [];
        foreach (SpecField field in variant.Fields.Except(missing))
        {
            TwinMeasure measure = Of(field);
            size = Math.Max(size, field.Offset + measure.Size);
            alignment = Math.Max(alignment, Math.Min(measure.Alignment, widest));
            left.AddRange(measure.Left);
        }

        left.AddRange(missing.Select(field => $"{structure.Name}.{field.Name}"));
        size = (size + alignment - 1) / alignment * alignment;
        return new TwinMeasure(size, alignment, size == variant.Size ? [] : [.. left.Distinct()]);
    }

    /// <summary>The alignment is the one that a field asks for; the structure that it is in may give it less.</summary>
    public TwinMeasure Of(SpecField field)
    {
        if (field.Structure is { } nested)
        {
            TwinMeasure element = Of(nested());
            return element with { Size = field.Size / field.ElementSize * element.Size };
        }

        bool isBytes = field.Kind is SpecKind.Pad or SpecKind.Text or SpecKind.Bytes;
        return new TwinMeasure(field.Size, isBytes ? 1 : field.ElementSize, []);
    }

    private bool HasTwin(SpecStructure structure, SpecField field)
    {
        if (field.Kind == SpecKind.Pad)
            return true;
        TwinLine[] lines = [.. twins.Lines(TwinKind.Field, structure.Name, field.Name).Where(line => line.HoldsFor(bits))];
        return lines.Length == 0 || lines.Any(line => !line.IsNone && line.HoldsFor(bits, headers));
    }
}
