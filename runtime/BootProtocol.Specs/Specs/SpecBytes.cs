using System.Collections.Immutable;

namespace BootProtocol.Specs;

/// <summary>Plain bytes.</summary>
/// <param name="bytes">The bytes in memory order.</param>
/// <example><code>
/// SpecRecord parameters = SpecReader.Read(BootParams.Layout.Info, new byte[BootParams.Layout.Size]);
/// foreach (SpecRecordField field in parameters.Fields)
/// {
///     if (field.Value is SpecBytes value)
///         Console.WriteLine($"{field.Field.Name}: {value.Bytes.Length} bytes");
/// }
/// </code></example>
public sealed class SpecBytes(ImmutableArray<byte> bytes) : SpecValue
{
    /// <summary>The bytes in memory order.</summary>
    public ImmutableArray<byte> Bytes { get; } = bytes;

    /// <summary>Two lower-case hexadecimal digits for each byte, in memory order; bytes that are all 0 are counted instead.</summary>
    public override string ToString() => Bytes.AsSpan().ContainsAnyExcept((byte)0)
        ? Convert.ToHexStringLower(Bytes.AsSpan())
        : FormattableString.Invariant($"{Bytes.Length} zero bytes");
}
