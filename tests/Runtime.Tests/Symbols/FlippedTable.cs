using BootProtocol.Elf;
using BootProtocol.Symbols;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>What becomes of a table of symbols of which one bit was changed.</summary>
internal static class FlippedTable
{
    /// <summary>What can become of it.</summary>
    public enum Outcome
    {
        /// <summary>It is refused, or no longer there.</summary>
        Refused,

        /// <summary>Every symbol is as it was.</summary>
        Same,

        /// <summary>Something is different that the order of names does not say.</summary>
        Unseen,
    }

    /// <summary>Reads a changed kernel; what differs and could have been seen fails the test.</summary>
    /// <param name="file">The kernel.</param>
    /// <param name="lines">The symbols as they were.</param>
    /// <param name="order">The order of the names, as it was.</param>
    public static Outcome Judge(byte[] file, string[] lines, int[] order)
    {
        KernelSymbols? symbols;
        try
        {
            symbols = KernelSymbols.Read(ElfFile.Open(KernelBytes.FromMemory(file)));
        }
        catch (BootFormatException)
        {
            return Outcome.Refused;
        }

        if (symbols is null)
            return Outcome.Refused;
        Assert.Equal(lines.Length, symbols.Count);
        if (symbols.Select(symbol => symbol.ToString()).SequenceEqual(lines))
            return Outcome.Same;
        for (int i = 1; i < order.Length; i++)
            Assert.True(symbols[order[i - 1]].NameBytes.SequenceCompareTo(symbols[order[i]].NameBytes) <= 0, "names that are not in order are not refused");
        return Outcome.Unseen;
    }
}
