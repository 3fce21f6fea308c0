namespace BootProtocol;

/// <summary>A pseudo-physical frame number: a physical address in units of 4096 bytes.</summary>
/// <param name="Value">The number, in frames of 4096 bytes; every 64-bit value is allowed.</param>
/// <remarks>Kinds of addresses and frames do not convert into each other or into numbers unless it is written out.</remarks>
/// <example><code>
/// var frame = new Pfn(0x1000);
/// Console.WriteLine($"frame {frame} starts at {frame.ToPaddr()}");
/// </code></example>
public readonly record struct Pfn(ulong Value) : IComparable<Pfn>
{
    /// <summary>The address of the frame's first byte. Numbers of 2^52 and more have no address: their upper bits are lost.</summary>
    public Paddr ToPaddr() => new(Value << X86Page.Shift);

    /// <inheritdoc/>
    public int CompareTo(Pfn other) => Value.CompareTo(other.Value);

    /// <summary>The number as <c>0x</c> and lower-case hexadecimal digits.</summary>
    public override string ToString() => $"0x{Value:x}";

    /// <summary>Takes a number for a frame number.</summary>
    public static explicit operator Pfn(ulong value) => new(value);

    /// <summary>Takes the number as a plain number.</summary>
    public static explicit operator ulong(Pfn number) => number.Value;

    /// <summary>Whether the left number is lower than the right one.</summary>
    public static bool operator <(Pfn left, Pfn right) => left.Value < right.Value;

    /// <summary>Whether the left number is not higher than the right one.</summary>
    public static bool operator <=(Pfn left, Pfn right) => left.Value <= right.Value;

    /// <summary>Whether the left number is higher than the right one.</summary>
    public static bool operator >(Pfn left, Pfn right) => left.Value > right.Value;

    /// <summary>Whether the left number is not lower than the right one.</summary>
    public static bool operator >=(Pfn left, Pfn right) => left.Value >= right.Value;
}
