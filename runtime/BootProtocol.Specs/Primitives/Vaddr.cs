namespace BootProtocol;

/// <summary>A virtual address of the guest, in bytes.</summary>
/// <param name="Value">The address, in bytes; every 64-bit value is allowed.</param>
/// <remarks>Kinds of addresses and frames do not convert into each other or into numbers unless it is written out.</remarks>
/// <example><code>
/// Vaddr address = pv.StartInfoAddress;
/// Console.WriteLine($"start_info at {address}, {(address.Value &gt;&gt; 47 == 0 ? "lower" : "upper")} half");
/// </code></example>
public readonly record struct Vaddr(ulong Value) : IComparable<Vaddr>
{
    /// <inheritdoc/>
    public int CompareTo(Vaddr other) => Value.CompareTo(other.Value);

    /// <summary>The address as <c>0x</c> and lower-case hexadecimal digits.</summary>
    public override string ToString() => $"0x{Value:x}";

    /// <summary>Takes a number for an address.</summary>
    public static explicit operator Vaddr(ulong value) => new(value);

    /// <summary>Takes the address as a plain number.</summary>
    public static explicit operator ulong(Vaddr address) => address.Value;

    /// <summary>Whether the left address is lower than the right one.</summary>
    public static bool operator <(Vaddr left, Vaddr right) => left.Value < right.Value;

    /// <summary>Whether the left address is not higher than the right one.</summary>
    public static bool operator <=(Vaddr left, Vaddr right) => left.Value <= right.Value;

    /// <summary>Whether the left address is higher than the right one.</summary>
    public static bool operator >(Vaddr left, Vaddr right) => left.Value > right.Value;

    /// <summary>Whether the left address is not lower than the right one.</summary>
    public static bool operator >=(Vaddr left, Vaddr right) => left.Value >= right.Value;
}
