using System.Globalization;

namespace BootProtocol.Relocate;

/// <summary>The virtual offsets at which a kernel can run: 0 and every multiple of a step up to the last one.</summary>
/// <param name="Step">The distance from one to the next, in bytes: a power of two.</param>
/// <param name="Last">The highest one; 0 if there is no other.</param>
/// <remarks>
/// Linux maps its image into the first GiB (64 bits) or 512 MiB (32 bits) above where its own addresses start
/// (<c>KERNEL_IMAGE_SIZE</c> in arch/x86/include/asm/page_64_types.h and page_32_types.h), and randomises by
/// <c>CONFIG_PHYSICAL_ALIGN</c>, which is the header's kernel_alignment.
/// </remarks>
/// <example><code>
/// KaslrSlots slots = KaslrSlots.For(WordSize.Bits64, new Paddr(0x1000000), size: 32 &lt;&lt; 20, alignment: 2 &lt;&lt; 20);
/// Console.WriteLine($"{slots.Count} offsets up to 0x{slots.Last:x}, one of them 0x{slots.Choose(Kaslr.Random()):x}");
/// </code></example>
public readonly record struct KaslrSlots(ulong Step, ulong Last)
{
    private const ulong ImageSize64 = 1UL << 30;
    private const ulong ImageSize32 = 512UL << 20;

    /// <summary>The number of offsets.</summary>
    public ulong Count => (Last / Step) + 1;

    /// <summary>The offsets of a kernel.</summary>
    /// <param name="word">Its word size.</param>
    /// <param name="start">The physical address for which it was linked, which is its distance from where its addresses start.</param>
    /// <param name="size">Bytes that it needs in memory: init_size, or what its segments take.</param>
    /// <param name="alignment">The header's kernel_alignment: a power of two.</param>
    public static KaslrSlots For(WordSize word, Paddr start, ulong size, ulong alignment)
    {
        ulong room = word == WordSize.Bits64 ? ImageSize64 : ImageSize32;
        UInt128 needed = (UInt128)start.Value + size;
        return new KaslrSlots(alignment, needed >= room ? 0 : (room - (ulong)needed) & ~(alignment - 1));
    }

    /// <summary>Picks an offset.</summary>
    /// <exception cref="BootRequestException">The one that is asked for is none of these; the error says which are.</exception>
    public ulong Choose(Kaslr wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (wish.IsRandom)
        {
            ulong slot = wish.Seed is { } seed
                ? (ulong)new Random(seed).NextInt64((long)Count)
                : StrongRandom.Below(Count);
            return slot * Step;
        }

        if (wish.Offset % Step == 0 && wish.Offset <= Last)
            return wish.Offset;
        throw new BootRequestException(
            BootErrorCode.NotAllowed,
            "relocations",
            "offset",
            null,
            string.Create(CultureInfo.InvariantCulture, $"one of 0x0 to 0x{Last:x} in steps of 0x{Step:x}"),
            $"0x{wish.Offset:x}");
    }
}
