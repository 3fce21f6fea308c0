namespace BootProtocol.Relocate;

/// <summary>How far above its usual virtual address a kernel shall run.</summary>
/// <example><code>
/// using LinuxDomain fixedPlace = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Kaslr = Kaslr.At(0x200000) }.Build(kernel);
/// using LinuxDomain random = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Kaslr = Kaslr.Random() }.Build(kernel);
/// Console.WriteLine($"0x{fixedPlace.Placement.VirtualOffset:x} 0x{random.Placement.VirtualOffset:x}");
/// </code></example>
public sealed record Kaslr
{
    private Kaslr(bool isRandom, int? seed, ulong offset)
    {
        IsRandom = isRandom;
        Seed = seed;
        Offset = offset;
    }

    /// <summary>Where it was linked.</summary>
    public static Kaslr None { get; } = new(false, null, 0);

    /// <summary>Whether the offset is still to be chosen.</summary>
    public bool IsRandom { get; }

    /// <summary>What the choice starts from; null for one that nobody can repeat.</summary>
    public int? Seed { get; }

    /// <summary>The offset in bytes; of no meaning if it is still to be chosen.</summary>
    public ulong Offset { get; }

    /// <summary>Any legal place.</summary>
    /// <param name="seed">Makes the choice repeatable; null takes a cryptographically strong one.</param>
    public static Kaslr Random(int? seed = null) => new(true, seed, 0);

    /// <summary>That far above, in bytes. Whether that is legal shows when the kernel is known.</summary>
    public static Kaslr At(ulong offset) => new(false, null, offset);
}
