namespace BootProtocol;

/// <summary>A physical address, in bytes: the guest's own where the guest has pseudo-physical memory.</summary>
/// <param name="Value">The address, in bytes; every 64-bit value is allowed.</param>
/// <remarks>Kinds of addresses and frames do not convert into each other or into numbers unless it is written out.</remarks>
/// <example><code>
/// var start = new Paddr(0x100000);
/// Paddr end = new(start.Value + 0x4000);
/// Console.WriteLine($"{start} to {end}: from frame {start.ToPfn()} on, {start &lt; end}");
/// </code></example>
public readonly record struct Paddr(ulong Value) : IComparable<Paddr>
{
    /// <summary>The frame that holds this address; the offset inside the frame is dropped.</summary>
    public Pfn ToPfn() => new(Value >> X86Page.Shift);

    /// <inheritdoc/>
    public int CompareTo(Paddr other) => Value.CompareTo(other.Value);

    /// <summary>The address as <c>0x</c> and lower-case hexadecimal digits.</summary>
    public override string ToString() => $"0x{Value:x}";

    /// <summary>Takes a number for an address.</summary>
    public static explicit operator Paddr(ulong value) => new(value);

    /// <summary>Takes the address as a plain number.</summary>
    public static explicit operator ulong(Paddr address) => address.Value;

    /// <summary>Whether the left address is lower than the right one.</summary>
    public static bool operator <(Paddr left, Paddr right) => left.Value < right.Value;

    /// <summary>Whether the left address is not higher than the right one.</summary>
    public static bool operator <=(Paddr left, Paddr right) => left.Value <= right.Value;

    /// <summary>Whether the left address is higher than the right one.</summary>
    public static bool operator >(Paddr left, Paddr right) => left.Value > right.Value;

    /// <summary>Whether the left address is not lower than the right one.</summary>
    public static bool operator >=(Paddr left, Paddr right) => left.Value >= right.Value;
}
