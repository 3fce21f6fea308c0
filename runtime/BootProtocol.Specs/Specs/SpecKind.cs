namespace BootProtocol.Specs;

/// <summary>What kind of thing a field stores.</summary>
/// <example><code>
/// int addresses = SetupHeader.Layout.Info.Variant(WordSize.Bits64).Fields.Count(field =&gt; field.Kind == SpecKind.PhysicalAddress);
/// Console.WriteLine($"{addresses} physical addresses");
/// </code></example>
public enum SpecKind
{
    /// <summary>Bytes that mean nothing.</summary>
    Pad,

    /// <summary>An unsigned number.</summary>
    Unsigned,

    /// <summary>A signed number.</summary>
    Signed,

    /// <summary>Text of a fixed size, NUL-padded.</summary>
    Text,

    /// <summary>Plain bytes.</summary>
    Bytes,

    /// <summary>A protocol version, major * 256 + minor.</summary>
    Version,

    /// <summary>An address that counts from somewhere else than the others: from a load address, say, or by segments.</summary>
    Address,

    /// <summary>A physical address.</summary>
    PhysicalAddress,

    /// <summary>A virtual address.</summary>
    VirtualAddress,

    /// <summary>A machine address.</summary>
    MachineAddress,

    /// <summary>A pseudo-physical frame number.</summary>
    PhysicalFrame,

    /// <summary>A machine frame number.</summary>
    MachineFrame,

    /// <summary>A set of flags.</summary>
    Flags,

    /// <summary>An enumeration.</summary>
    Enumeration,

    /// <summary>Another structure.</summary>
    Structure,

    /// <summary>Bytes that are what a number elsewhere chooses.</summary>
    Choice,
}
