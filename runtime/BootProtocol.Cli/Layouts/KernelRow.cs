using System.Runtime.CompilerServices;
using BootProtocol.Btf;
using BootProtocol.Types;

namespace BootProtocol.Cli.Layouts;

/// <summary>A member of a kernel's structure, or of an unnamed one inside of it.</summary>
/// <param name="Name">Its name as C code has it: <c>outer.inner</c> where the outer's type has no name.</param>
/// <param name="Type">Its type.</param>
/// <param name="BitOffset">Where it starts in the structure, in bits.</param>
/// <param name="BitSize">The bits of a bit field; 0 for what is none.</param>
internal sealed record KernelRow(string Name, KernelType Type, long BitOffset, int BitSize)
{
    /// <summary>The most members, those of an unnamed structure in each place where it stands: a file can be made to have as many as it likes.</summary>
    private const int MostMembers = 1 << 16;

    /// <summary>The rows of a structure.</summary>
    /// <exception cref="BootFormatException">Types refer to each other in a circle, or to what is no type, or there are too many members.</exception>
    public static IEnumerable<KernelRow> Of(KernelType structure) => Of(structure, "", 0, 0, new StrongBox<int>());

    private static IEnumerable<KernelRow> Of(KernelType structure, string prefix, long start, int depth, StrongBox<int> count)
    {
        const int MaximumDepth = 32;
        if (depth > MaximumDepth)
            throw new BootFormatException(BootErrorCode.Malformed, "btf", "type", null, "structures that end", "a circle of them");
        foreach (KernelTypeMember member in structure.Members)
        {
            if (++count.Value > MostMembers)
                throw new BootFormatException(BootErrorCode.TooLarge, "btf", "type", null, $"at most {MostMembers} members", "more");
            long place = start + member.BitOffset;
            KernelType resolved = member.Type.Resolved;
            bool isUnnamed = resolved.Kind is BtfKind.Structure or BtfKind.Union && resolved.Name.Length == 0 && resolved == member.Type;
            if (member.Name.Length > 0 || !isUnnamed)
                yield return new KernelRow(prefix + member.Name, member.Type, place, member.BitSize);
            if (!isUnnamed)
                continue;
            string inner = member.Name.Length > 0 ? $"{prefix}{member.Name}." : prefix;
            foreach (KernelRow row in Of(resolved, inner, place, depth + 1, count))
                yield return row;
        }
    }
}
