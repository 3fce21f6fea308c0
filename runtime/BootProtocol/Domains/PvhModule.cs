namespace BootProtocol.Domains;

/// <summary>A boot module of a PVH guest.</summary>
/// <param name="Bytes">Its bytes: at least one.</param>
/// <param name="CommandLine">Its command line; null if it has none.</param>
public sealed record PvhModule(ReadOnlyMemory<byte> Bytes, string? CommandLine = null);
