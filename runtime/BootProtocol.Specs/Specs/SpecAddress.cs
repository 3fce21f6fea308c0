namespace BootProtocol.Specs;

/// <summary>An address or a frame number.</summary>
/// <param name="kind">Which of the address kinds it is.</param>
/// <param name="value">The address in bytes, or the frame number.</param>
/// <example><code>
/// SpecStructure table = SetupHeader.Layout.Info;
/// SpecRecord header = SpecReader.Read(table, bytes.AsSpan(table.BaseOffset));
/// if (header.Find("code32_start")?.Value is SpecAddress address)
///     Console.WriteLine($"{address} ({address.Kind})");
/// </code></example>
public sealed class SpecAddress(SpecKind kind, ulong value) : SpecValue
{
    /// <summary>Which of the address kinds it is.</summary>
    public SpecKind Kind { get; } = kind;

    /// <summary>The address in bytes, or the frame number.</summary>
    public ulong Value { get; } = value;

    /// <summary>The address as <c>0x</c> and lower-case hexadecimal digits.</summary>
    public override string ToString() => $"0x{Value:x}";
}
