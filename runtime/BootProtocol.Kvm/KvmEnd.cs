namespace BootProtocol.Kvm;

/// <summary>How a machine ended.</summary>
/// <example><code>
/// var end = new KvmEnd { Kind = KvmEndKind.Exit, Code = 16 };
/// Console.WriteLine(end.Kind == KvmEndKind.Exit ? $"the guest ended with {end.Code}" : $"{end.Kind}: {end.Reason} {end.Registers}");
/// </code></example>
public sealed record KvmEnd
{
    /// <summary>In which way.</summary>
    public required KvmEndKind Kind { get; init; }

    /// <summary>With <see cref="KvmEndKind.Exit"/>, the number that the guest wrote.</summary>
    public uint Code { get; init; }

    /// <summary>With <see cref="KvmEndKind.Failed"/>, what KVM says of it.</summary>
    public string? Reason { get; init; }

    /// <summary>The registers of the processor that brought the end about; null where that does not matter.</summary>
    public KvmRegisters? Registers { get; init; }
}
