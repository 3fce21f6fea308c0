namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>The order and the form of the parts of a table of symbols, by the releases of Linux that have it.</summary>
public enum KallsymsLayout
{
    /// <summary>2.6.10 to 4.5: addresses, number, names, markers, tokens, index.</summary>
    Addresses,

    /// <summary>4.6 to 6.1: offsets and their base in place of addresses.</summary>
    Offsets,

    /// <summary>6.1.y to 6.4: the same, and the order of names between markers and tokens.</summary>
    OffsetsAndOrder,

    /// <summary>6.5 to 6.15: number, names, markers, tokens, index, offsets, base, order.</summary>
    OffsetsBehind,

    /// <summary>6.5 to 6.10 where addresses are absolute: the same with addresses.</summary>
    AddressesBehind,

    /// <summary>7.0 on: the same without a base; what is added is the place of the offset, or in 32-bit kernels that do not move nothing.</summary>
    Places,

    /// <summary>As <see cref="Places"/>, but the offsets are the addresses.</summary>
    AbsoluteOffsets,

    /// <summary>Xen: offsets from the start of the image, number, names, markers, tokens, index.</summary>
    Xen,
}
