namespace BootProtocol.Boot.Tests.Machines;

/// <summary>Bytes for a physical address.</summary>
internal readonly record struct ElfSegment(uint Address, ReadOnlyMemory<byte> Bytes);
