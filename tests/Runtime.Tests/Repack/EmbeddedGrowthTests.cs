using System.Text;
using BootProtocol.Elf;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Elf;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>The work of looking for a linked-in archive grows with the kernel's size alone, whatever looks like one in it.</summary>
[Collection(nameof(MeasuringTests))]
public sealed class EmbeddedGrowthTests
{
    /// <summary>Entries that lead from one to the next, to no trailer, or to one that is the end of all.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(9, false)]
    [InlineData(9, true)]
    public void Entries_that_lead_to_each_other_are_read_once(int nameLength, bool hasTrailer) => CountedWork.Call(Work.Chained, nameLength, hasTrailer);

    /// <summary>The work, where it is counted.</summary>
    private static class Work
    {
        private const int SmallCount = 200;

        public static void Chained(int nameLength, bool hasTrailer)
        {
            ElfFile Made(int count) => File(
                [.. Enumerable.Repeat(Entry(nameLength, "x"), count).SelectMany(static entry => entry), .. hasTrailer ? Entry(11, "TRAILER!!!") : []]);
            ElfFile small = Made(SmallCount), large = Made(CountedWork.Factor * SmallCount);
            CountedWork.GrowsWithLength("search", () => Search(small), () => Search(large));

            static void Search(ElfFile kernel) => Assert.Null(EmbeddedInitramfs.Find(kernel, null));
        }

        private static byte[] Entry(int nameLength, string name)
        {
            string head = $"070701{new string('0', 88)}{nameLength:X8}{new string('0', 8)}";
            byte[] entry = new byte[(head.Length + nameLength + 3) & -4];
            Encoding.ASCII.GetBytes(head + name, entry);
            return entry;
        }

        private static ElfFile File(byte[] data) =>
            ElfFile.Open(KernelBytes.FromMemory(new TestElf().Add(new TestSegment(SegmentType.Load, data) { Alignment = 64 }).Build()));
    }
}
