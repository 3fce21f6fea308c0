namespace BootProtocol;

/// <summary>The pages of x86, in which memory is mapped, claimed and counted.</summary>
/// <remarks>Source: Intel SDM volume 3, chapter "Paging".</remarks>
/// <example>
/// <code>
/// ulong pages = X86Page.Count(10_000);
/// Console.WriteLine($"{pages} pages of {X86Page.Size} bytes");
/// </code>
/// </example>
public static class X86Page
{
    /// <summary>The exponent of <see cref="Size"/>: the number of a page is its address, shifted right by so many bits.</summary>
    public const int Shift = 12;

    /// <summary>Bytes of a page.</summary>
    public const int Size = 1 << Shift;

    /// <summary>The exponent of <see cref="LargeSize"/>.</summary>
    public const int LargeShift = 21;

    /// <summary>Bytes of a large page, which one entry of a level 2 table maps in long mode and with PAE.</summary>
    public const int LargeSize = 1 << LargeShift;

    /// <summary>The number of pages that bytes take.</summary>
    /// <param name="length">Bytes.</param>
    public static ulong Count(ulong length) => (length >> Shift) + (length % Size == 0 ? 0UL : 1);
}
