using System.Globalization;
using System.Text.Json;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>Boots at random offsets: what was chosen is what the kernel says of itself.</summary>
public abstract class KaslrRuns
{
    private const int Booted = 3;
    private const int Chosen = 4;

    /// <summary>The seeds, one for each boot.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Booted)];

    /// <summary>Boots a kernel.</summary>
    internal static void Boot(string kernel, int seed)
    {
        using var disk = new GuestDisk(kernel);
        string[] arguments =
        [
            disk.Kernel, "--initrd", disk.Initrd, "--cmdline", "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests",
            "--kaslr", "random", "--seed", seed.ToString(CultureInfo.InvariantCulture),
        ];
        ulong offset = OffsetOf(CommandTool.Build(arguments));
        var seen = UserSpace.Read(CommandTool.Run(arguments));
        Assert.Equal(disk.LinkedText + offset, seen.Text);
        Assert.Equal(disk.Sum, seen.File);
        Console.WriteLine($"kaslr {kernel}, seed {seed}: _text at 0x{seen.Text:x}, 0x{offset:x} above where it was linked");
    }

    /// <summary>Checks that seeds make a difference, to offsets that the kernel can run at, and that a seed makes the same offset each time.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="atLeast">How many of the offsets differ at least.</param>
    /// <param name="alignment">What they are multiples of.</param>
    internal static void CheckChoice(string kernel, int atLeast, ulong alignment)
    {
        using var disk = new GuestDisk(kernel);
        ulong[] first = [.. Enumerable.Range(1, Chosen).Select(Choose)];
        Assert.True(first.Distinct().Count() >= atLeast, string.Join(' ', first));
        Assert.All(first, offset => Assert.Equal(0ul, offset % alignment));
        Assert.All(first, offset => Assert.InRange(offset, 0ul, 1ul << 30));
        Assert.Equal(first[0], Choose(1));

        ulong Choose(int seed) => OffsetOf(CommandTool.Build(
            disk.Kernel, "--memory", "1G", "--kaslr", "random", "--seed", seed.ToString(CultureInfo.InvariantCulture)));
    }

    private static ulong OffsetOf(JsonElement built) => CommandTool.Address(built.GetProperty("kernel").GetProperty("virtual_offset"));
}
