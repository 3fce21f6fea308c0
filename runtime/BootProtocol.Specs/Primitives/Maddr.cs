namespace BootProtocol;

/// <summary>A machine address, in bytes: what the hardware sees under a hypervisor.</summary>
/// <param name="Value">The address, in bytes; every 64-bit value is allowed.</param>
/// <remarks>Kinds of addresses and frames do not convert into each other or into numbers unless it is written out.</remarks>
/// <example><code>
/// var address = new Maddr(0x1234567);
/// Mfn frame = address.ToMfn();
/// Console.WriteLine($"{address} is in machine frame {frame}, which starts at {frame.ToMaddr()}");
/// </code></example>
public readonly record struct Maddr(ulong Value) : IComparable<Maddr>
{
    /// <summary>The frame that holds this address; the offset inside the frame is dropped.</summary>
    public Mfn ToMfn() => new(Value >> X86Page.Shift);

    /// <inheritdoc/>
    public int CompareTo(Maddr other) => Value.CompareTo(other.Value);

    /// <summary>The address as <c>0x</c> and lower-case hexadecimal digits.</summary>
    public override string ToString() => $"0x{Value:x}";

    /// <summary>Takes a number for an address.</summary>
    public static explicit operator Maddr(ulong value) => new(value);

    /// <summary>Takes the address as a plain number.</summary>
    public static explicit operator ulong(Maddr address) => address.Value;

    /// <summary>Whether the left address is lower than the right one.</summary>
    public static bool operator <(Maddr left, Maddr right) => left.Value < right.Value;

    /// <summary>Whether the left address is not higher than the right one.</summary>
    public static bool operator <=(Maddr left, Maddr right) => left.Value <= right.Value;

    /// <summary>Whether the left address is higher than the right one.</summary>
    public static bool operator >(Maddr left, Maddr right) => left.Value > right.Value;

    /// <summary>Whether the left address is not lower than the right one.</summary>
    public static bool operator >=(Maddr left, Maddr right) => left.Value >= right.Value;
}
