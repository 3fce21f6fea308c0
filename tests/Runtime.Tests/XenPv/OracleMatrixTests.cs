using System.Collections.Concurrent;
using System.Globalization;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.XenPv;

[Needs(Need.Kernels)]
public sealed class OracleMatrixTests
{
    private static readonly int[] _mebibytes = [16, 18, 70, 149, 1021, 4096];
    private static readonly int[] _initrdLengths = [0, 1, 4095, 64 << 20];

    /// <summary>Guests that tests can do without.</summary>
    public static TheoryData<string> Others =>
    [
        .. DebianKernels.Others.Where(name => name != "installer-i386" && !Fetched.IsNewer(name)),
        .. Fetched.IsNewer("grub-xen-sid") ? Array.Empty<string>() : [DecodedKernels.Grub214For32, DecodedKernels.Grub214For64],
        .. DecodedKernels.Mach,
    ];

    /// <summary>The same for more kernels, with fewer sizes. Where there is too little memory both refuse.</summary>
    [Theory]
    [MemberData(nameof(Others))]
    public void Domains_of_other_kernels_equal_those_of_Xens_own_builder(string name)
    {
        using var folder = new TemporaryFolder();
        string kernel = DecodedKernels.Image(name);
        string initrd = MakeInitrd(folder, 4095)!;
        PvOutcome[] outcomes =
        [
            .. from one in new[] { (17, initrd), (149, null), (256, initrd) }
               select new PvCase(kernel, one.Item2, "console=hvc0 \"quoted text\"", one.Item1).Compare(folder),
        ];
        int built = outcomes.Count(outcome => outcome == PvOutcome.Equal);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"xen-pv {name}: {built} domains equal those of libxenguest, {outcomes.Length - built} refused by both"));
        Assert.DoesNotContain(PvOutcome.TheirMistake, outcomes);

        // GNU Mach for 64 bits has the addresses of the 32-bit one in its text for Xen: no builder can place it.
        Assert.InRange(built, name == DecodedKernels.Mach64 ? 0 : 2, name == DecodedKernels.Mach64 ? 0 : 3);
    }

    /// <summary>Memory and context are those of Xen's own builder; where it refuses, so do we.</summary>
    [Fact]
    public void Domains_equal_those_of_Xens_own_builder_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        var counts = new ConcurrentDictionary<PvOutcome, int>();
        Parallel.ForEach(Cases(folder), new ParallelOptions { MaxDegreeOfParallelism = 2 }, one =>
            counts.AddOrUpdate(one.Compare(folder), 1, static (_, count) => count + 1));
        int built = counts.GetValueOrDefault(PvOutcome.Equal);
        int refused = counts.GetValueOrDefault(PvOutcome.BothRefused);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"xen-pv against libxenguest: {built} domains equal, memory and vCPU context; {refused} refused by both"));
        Assert.InRange(built, 45, int.MaxValue);
        Assert.InRange(refused, 10, int.MaxValue);
        Assert.DoesNotContain(PvOutcome.TheirMistake, counts.Keys);
    }

    /// <summary>
    /// Every kernel with every size of memory, and each of these with two of the four initrds; the command line is empty and the longest in
    /// turn. So every two values of two inputs meet.
    /// </summary>
    private static IEnumerable<PvCase> Cases(TemporaryFolder folder)
    {
        string longest = string.Concat(Enumerable.Range(0, 1023).Select(static i => (char)('!' + (i % 94))));
        string[] kernels = [.. Kernels(folder)];
        string?[] initrds = [.. _initrdLengths.Select(length => MakeInitrd(folder, length))];
        for (int kernel = 0; kernel < kernels.Length; kernel++)
        {
            for (int size = 0; size < _mebibytes.Length; size++)
            {
                int first = (kernel + size) % 2;
                yield return new PvCase(kernels[kernel], initrds[first], size / 2 % 2 == 0 ? "" : longest, _mebibytes[size]);
                yield return new PvCase(kernels[kernel], initrds[first + 2], (kernel + size / 2) % 2 == 0 ? longest : "", _mebibytes[size]);
            }
        }
    }

    private static IEnumerable<string> Kernels(TemporaryFolder folder)
    {
        yield return DebianKernels.Grub64;
        yield return DebianKernels.Grub32;
        foreach (WordSize word in new[] { WordSize.Bits64, WordSize.Bits32 })
        {
            string path = folder.File($"sample-{word}");
            File.WriteAllBytes(path, SampleGuest.Create(word));
            yield return path;
        }

        // One as Debian has it, one as it is inside: decoding is most of the work of Xen's own builder, and is the same each time.
        yield return DebianKernels.Cloud61;
        string decoded = folder.File("6.12-amd64");
        File.WriteAllBytes(decoded, DecodedKernels.Bytes("6.12-amd64"));
        yield return decoded;
    }

    private static string? MakeInitrd(TemporaryFolder folder, int length)
    {
        if (length == 0)
            return null;
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        string path = folder.File(string.Create(CultureInfo.InvariantCulture, $"initrd-{length}"));
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
