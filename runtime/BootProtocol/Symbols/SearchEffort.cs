namespace BootProtocol.Symbols;

/// <summary>How many steps a search may take: files can be made to have a place at every few bytes that fails only at its end.</summary>
/// <param name="length">The kernel's bytes: real ones need a fraction of what is allowed for it.</param>
internal sealed class SearchEffort(int length)
{
    private const long Least = 64 << 20;

    private long _left = Least + (4L * length);

    /// <summary>Takes steps.</summary>
    /// <returns>False if there are none left.</returns>
    public bool Spend(long steps) => (_left -= steps) > 0;
}
