namespace BootProtocol.Layout.Tests.Btf;

/// <summary>A member of a structure or union in C.</summary>
/// <param name="Name">Its name; empty for an unnamed structure or union, whose members count as the outer one's.</param>
/// <param name="Type">The number of its type.</param>
/// <param name="Offset">Where it starts, in bytes.</param>
internal sealed record BtfMember(string Name, int Type, int Offset);
