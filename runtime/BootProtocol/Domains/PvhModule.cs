namespace BootProtocol.Domains;

/// <summary>A boot module of a PVH guest.</summary>
/// <param name="Bytes">Its bytes: at least one.</param>
/// <param name="CommandLine">Its command line; null if it has none.</param>
/// <example><code>
/// var policy = new PvhModule(new byte[512], "policy");
/// using PvhDomain guest = new PvhBuilder { MemorySize = 64 &lt;&lt; 20, Modules = [policy] }.Build(kernel);
/// Console.WriteLine(guest.StartInfo.NrModules);
/// </code></example>
public sealed record PvhModule(ReadOnlyMemory<byte> Bytes, string? CommandLine = null);
