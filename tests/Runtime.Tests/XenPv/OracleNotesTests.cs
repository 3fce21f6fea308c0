using System.Globalization;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>Small kernels whose notes ask for every sort of place, against Xen's own builder.</summary>
[Needs(Need.Tools)]
public sealed class OracleNotesTests
{
    private static readonly int _rounds = RandomRounds.Count(160);

    /// <summary>Below it is the hypervisor's hole, of which Xen's own builder knows nothing.</summary>
    private const ulong JustAboveHole = 0xffff880000000000;

    // Addresses where tables of every level begin and end, and those of real kernels.
    private static readonly ulong[] _bases64 =
    [
        0, 0x1000, 0x200000, 0x3ff000, 0x3fe00000, 0x40000000, 0x7fffe00000, 0x8000000000, 0x7fff_ff00_0000, JustAboveHole,
        0xffffff8000000000, 0xffffffff80000000, 0xffffffffbff00000,
    ];

    private static readonly ulong[] _bases32 =
    [
        0, 0x1000, 0x3ff000, 0x3fe00000, 0x40000000, 0x7ff00000, 0xbf000000, 0xbffff000, 0xc0000000, 0xd0001000,
    ];

    [Fact]
    public void Kernels_with_random_wishes_are_laid_out_alike()
    {
        using var folder = new TemporaryFolder();
        string[] initrds = [.. new[] { 1, 5000, 3 << 20 }.Select(length => Save(folder, "initrd", new byte[length]))];
        var random = RandomRounds.Create(2007);
        int[] counts = new int[3];
        for (int round = 0; round < _rounds; round++)
        {
            PvKernel kernel = Choose(random);
            string path = Save(folder, "kernel", kernel.Build());
            string? initrd = random.Next(2) == 0 ? null : initrds[random.Next(initrds.Length)];
            var one = new PvCase(path, initrd, "quiet", random.Next(4, 40));
            try
            {
                counts[(int)one.Compare(folder)]++;
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"round {round}: {kernel} {one}", fault);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"xen-pv, random notes: {counts[0]} domains equal, {counts[1]} refused by both, {counts[2]} that libxenguest alone refuses"));
        Assert.InRange(counts[(int)PvOutcome.Equal], _rounds / 2, _rounds);
        Assert.InRange(counts[(int)PvOutcome.BothRefused], 1, _rounds);
    }

    private static PvKernel Choose(Random random)
    {
        WordSize word = random.Next(3) == 0 ? WordSize.Bits32 : WordSize.Bits64;
        ulong[] bases = word == WordSize.Bits32 ? _bases32 : _bases64;
        ulong address = bases[random.Next(bases.Length)];
        ulong start = (ulong)random.Next(4) * 0x3000;
        return new PvKernel
        {
            Word = word,
            VirtualBase = address,
            PaddrOffset = random.Next(2) == 0 ? null : (ulong)random.Next(5) << 20,
            Start = start,
            MemorySize = (ulong)random.Next(100, 6 << 20),
            Entry = (ulong)random.Next(100),
            InitP2M = ChooseList(random, address),
            ModStartPfn = random.Next(3) switch { 0 => null, 1 => 0u, _ => 1u },
            HypercallPage = random.Next(2) == 0 ? null : address + start,
            PaeMode = random.Next(2) == 0 ? "yes" : "yes,bimodal",
            Features = random.Next(2) == 0 ? null : "!writable_page_tables|dom0",
        };
    }

    /// <summary>
    /// Mostly beside the kernel, so that the list shares tables of some levels with it; but with room for it below, as Xen's own builder
    /// overlooks lists that overlap a kernel in the upper half of the addresses.
    /// </summary>
    private static ulong? ChooseList(Random random, ulong address)
    {
        ulong distance = 1ul << random.Next(17, 40);
        return random.Next(4) switch
        {
            0 => null,
            1 => address + 0x100000,
            2 when address > distance && address != JustAboveHole => (address - distance) | (random.Next(8) == 0 ? 0x800ul : 0),
            _ => address > 0x8000000000 ? 0x8000000000 : null,
        };
    }

    private static string Save(TemporaryFolder folder, string name, byte[] bytes)
    {
        string path = folder.File($"{name}-{Guid.NewGuid():n}");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
