namespace BootProtocol.Types;

/// <summary>A member of a structure or a union.</summary>
/// <param name="Name">Its name; empty for an unnamed structure or union, whose members count as the outer one's.</param>
/// <param name="Type">Its type.</param>
/// <param name="BitOffset">Where it starts in the structure, in bits.</param>
/// <param name="BitSize">The bits of a bit field; 0 for what is none.</param>
/// <example><code>
/// if (KernelTypes.Read(kernel.Elf) is { } types &amp;&amp; types.TryFind("list_head", out KernelType list))
/// {
///     foreach (KernelTypeMember member in list.Members)
///         Console.WriteLine($"{member.BitOffset / 8}: {member.Type} {member.Name}");
/// }
/// </code></example>
public readonly record struct KernelTypeMember(string Name, KernelType Type, long BitOffset, int BitSize);
