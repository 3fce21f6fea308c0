using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>Plain bytes.</summary>
/// <param name="bytes">The bytes in memory order.</param>
public sealed class SpecBytes(ImmutableArray<byte> bytes) : SpecValue
{
    /// <summary>The bytes in memory order.</summary>
    public ImmutableArray<byte> Bytes { get; } = bytes;

    /// <summary>Two lower-case hexadecimal digits for each byte, in memory order; bytes that are all 0 are counted instead.</summary>
    public override string ToString() => Bytes.AsSpan().ContainsAnyExcept((byte)0)
        ? Convert.ToHexStringLower(Bytes.AsSpan())
        : FormattableString.Invariant($"{Bytes.Length} zero bytes");
}
