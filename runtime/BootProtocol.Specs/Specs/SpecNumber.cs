using System.Globalization;

namespace BootProtocol.Specs;

/// <summary>A plain number.</summary>
/// <example><code>
/// SpecNumber size = SpecNumber.Unsigned(0x1000);
/// Console.WriteLine($"{size}: {size.Bits}, signed: {size.IsSigned}");
/// </code></example>
public sealed class SpecNumber : SpecValue
{
    private SpecNumber(ulong bits, bool isSigned)
    {
        Bits = bits;
        IsSigned = isSigned;
    }

    /// <summary>The number as 64 bits; a negative one in two's complement.</summary>
    public ulong Bits { get; }

    /// <summary>Whether the number has a sign.</summary>
    public bool IsSigned { get; }

    /// <summary>A number without a sign.</summary>
    public static SpecNumber Unsigned(ulong value) => new(value, isSigned: false);

    /// <summary>A number with a sign.</summary>
    public static SpecNumber Signed(long value) => new(unchecked((ulong)value), isSigned: true);

    /// <summary>The number in decimal digits.</summary>
    public override string ToString() => IsSigned
        ? unchecked((long)Bits).ToString(CultureInfo.InvariantCulture)
        : Bits.ToString(CultureInfo.InvariantCulture);
}
