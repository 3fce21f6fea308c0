using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>Finds out whether the values that a row of a structure names fit in it: its constant, and what stands in for 0 or for its absence.</summary>
internal sealed class ConstantBinder(Declaration owner)
{
    /// <summary>Checks <c>else</c> and <c>zero</c>; false if one is no value of the row, which has been reported.</summary>
    public bool Check(StructRow row, ResolvedType type)
    {
        foreach ((Located<ulong>? number, string word) in new[] { (row.Else, "else"), (row.Zero, "zero") })
        {
            if (number is not { } value)
                continue;
            if (!type.IsNumber)
            {
                owner.Problems.Add(SpecDescriptors.NotANumber, value.Range, row.Name.Value, type.Model.Text, word);
                return false;
            }

            if (!CheckFits(value, type))
                return false;
        }

        return true;
    }

    private bool CheckFits(Located<ulong> value, ResolvedType type)
    {
        ulong largest = Largest(type.Model.Bits(type.Narrow.ElementSize));
        if (value.Value <= largest)
            return true;
        owner.Problems.Add(SpecDescriptors.ValueTooLarge, value.Range, $"0x{value.Value:x}", type.Model.Text, $"0x{largest:x}");
        return false;
    }

    private static ulong Largest(int bits) => bits >= 64 ? ulong.MaxValue : (1ul << bits) - 1;

    /// <summary>Binds the constant; false if it is no value of the row, which has been reported.</summary>
    public bool TryBind(StructRow row, ResolvedType type, out ConstantModel? constant)
    {
        constant = null;
        if (row.Constant is not { } written)
            return true;
        if (written.Value.Text is not { } text)
        {
            if (!type.IsNumber)
            {
                owner.Problems.Add(SpecDescriptors.NotANumber, written.Range, row.Name.Value, type.Model.Text, "=");
                return false;
            }

            int bits = type.Model.Bits(type.Narrow.ElementSize);
            if (!written.Value.IsNegative)
            {
                constant = new ConstantModel(written.Value.Number, null);
                return CheckFits(new Located<ulong>(written.Value.Number, written.Range), type);
            }

            constant = new ConstantModel(written.Value.Number & Largest(bits), null);
            return CheckNegative(written, type, bits);
        }

        if (BadText(written.Value, type) is { } reason)
        {
            owner.Problems.Add(SpecDescriptors.BadText, written.Range, row.Name.Value, reason);
            return false;
        }

        if (text.Length != type.Wide.Size || text.Length != type.Narrow.Size)
        {
            owner.Problems.Add(
                SpecDescriptors.ConstantMismatch, written.Range, row.Name.Value, $"{text.Length}", type.Model.Text, $"{type.Wide.Size}");
            return false;
        }

        ulong number = 0;
        for (int i = 0; i < text.Length && text.Length <= sizeof(ulong); i++)
            number |= (ulong)text[i] << (8 * ((type.Model.IsBigEndian ?? owner.IsBigEndian) ? text.Length - 1 - i : i));
        constant = new ConstantModel(number, text);
        return true;
    }

    /// <summary>Whether a negative number fits into a field with a sign; of variants, into the smaller.</summary>
    private bool CheckNegative(Located<ConstantSyntax> written, ResolvedType type, int bits)
    {
        ulong magnitude = unchecked(0 - written.Value.Number);
        bool isSigned = type.Model.Kind == TypeKind.Signed && type.Narrow.ElementSize == type.Wide.ElementSize;
        if (isSigned && magnitude <= 1ul << (bits - 1))
            return true;
        string least = isSigned ? $"-0x{1ul << (bits - 1):x}" : "0";
        owner.Problems.Add(SpecDescriptors.ValueTooSmall, written.Range, $"-0x{magnitude:x}", type.Model.Text, least);
        return false;
    }

    private static string? BadText(ConstantSyntax constant, ResolvedType type)
    {
        if (!type.IsNumber && (type.Model.IsArray || !type.Model.IsOfBytes))
            return $"{type.Model.Text} holds no text; write char[{type.Wide.Size}]";
        return constant.HasForeignCharacters ? "it has characters beyond ASCII; write bytes as in \\xfd" : null;
    }
}
