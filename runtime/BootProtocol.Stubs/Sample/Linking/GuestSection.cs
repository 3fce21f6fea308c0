using BootProtocol.Elf;

namespace BootProtocol.Sample.Linking;

/// <summary>A section of the linked image.</summary>
/// <param name="Name">The ELF name.</param>
/// <param name="Type">The ELF kind.</param>
/// <param name="Flags">The ELF attributes.</param>
/// <param name="Offset">Where it starts, in bytes from the start of the image.</param>
/// <param name="Bytes">The contents; empty if it takes no room in the file.</param>
/// <param name="Size">The size in memory, in bytes.</param>
internal sealed record GuestSection(string Name, SectionType Type, SectionFlags Flags, int Offset, byte[] Bytes, int Size);
