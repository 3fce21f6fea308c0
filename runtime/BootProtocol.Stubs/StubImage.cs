using BootProtocol.Output;

namespace BootProtocol.Stubs;

/// <summary>A stub: code and data for one physical address.</summary>
/// <param name="Address">Where it has to be in physical memory.</param>
/// <param name="Bytes">What has to be there.</param>
/// <param name="MemorySize">How much memory it uses from there on, in bytes; what its bytes leave has to be zero.</param>
/// <param name="Entry">Where it is entered.</param>
/// <example><code>
/// StubImage stub = EntryStub.Create(new EntryStubOptions
/// {
///     Address = new Paddr(0x200000),
///     Mode = EntryMode.Linux32,
///     EntryPoint = new Paddr(0x100000),
///     Parameters = new Paddr(0x90000),
/// });
/// using FileStream file = File.Create(Path.Combine(folder, "stub.elf"));
/// PvhElf.Write(file, stub.Entry, [stub.Segment]);
/// </code></example>
public sealed record StubImage(Paddr Address, ReadOnlyMemory<byte> Bytes, int MemorySize, Paddr Entry)
{
    /// <summary>The stub as a segment of a file.</summary>
    public PhysicalSegment Segment => new(Address, Bytes, (ulong)MemorySize);
}
