namespace BootProtocol.Repack;

/// <summary>A way to pack bytes.</summary>
/// <param name="Name">What it is called, and how hard it tries.</param>
/// <param name="Pack">Packs all bytes of its first argument into its second.</param>
internal sealed record PackingMethod(string Name, Action<ReadOnlyMemory<byte>, Stream, CancellationToken> Pack);
