using System.Text;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;
using BootProtocol.Symbols.Rust;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>Work for symbols is bounded, whatever a file or a name looks like.</summary>
[Collection(nameof(MeasuringTests))]
public sealed class SymbolGrowthTests
{
    [Fact]
    public void What_only_looks_like_a_table_takes_bounded_work() => CountedWork.Call(Work.Search);

    [Fact]
    public void Names_of_Rust_take_bounded_work() => CountedWork.Call(Work.Demangle);

    /// <summary>The work, where it is counted.</summary>
    private static class Work
    {
        private const int LongestName = 1 << 17;

        // About three times what it takes.
        private const long MostForByte = 200;
        private const long MostForCharacter = 16;

        /// <summary>Tables of tokens everywhere; in the first half, numbers of names in front of each, and names that only fail at their end.</summary>
        public static void Search()
        {
            KallsymsWriter writer = KernelSymbolsTests.Writer(KallsymsLayout.Offsets, WordSize.Bits64, false, false, 300);
            byte[] whole = writer.Build();
            byte[] tokens = whole[writer.Parts["token_table"]..writer.Parts["end"]];
            byte[] image = new byte[8 << 20];
            for (int at = 0; at + 0x1000 <= image.Length; at += 0x1000)
                tokens.CopyTo(image, at + 0x800);
            for (int at = 0; at < image.Length / 2; at += 0x1000)
            {
                for (int i = 0; i < 0x7f0; i += 4)
                    image[at + i] = image[at + i + 2] = 1;
            }

            byte[] file = new TestElf().Add(new TestSegment(SegmentType.Load, image) { VirtualAddress = 0xffffffff_81000000 }).Build();
            long branches = CountedWork.Branches("tables", () => Assert.Throws<BootFormatException>(() => KernelSymbolsTests.Read(file)));
            Assert.InRange(branches, 1, MostForByte * image.Length);
        }

        /// <summary>Names that are nested deeply, or point back so that each part is twice as long as the one before.</summary>
        public static void Demangle()
        {
            var doubled = new StringBuilder("_RINvC1a1bT");
            int last = 9;
            for (int i = 0; i < 60; i++)
            {
                int at = doubled.Length - 2;
                doubled.Append(i == 0 ? "hhE" : $"TB{RustNameTests.Number(last)}B{RustNameTests.Number(last)}E");
                last = i == 0 ? 8 : at;
            }

            string[] names =
            [
                doubled.Append("EE").ToString(), $"_RMC0{new string('S', 1_000_000)}h", $"_RMC0{new string('R', 200)}h",
                $"_R{string.Concat(Enumerable.Repeat("NvNv", 100_000))}", $"_RMC0T{new string('h', 1_000_000)}E", $"_RNvC1au9999_{new string('a', 9999)}",
                $"_ZN{new string('9', 100_000)}", "_RIB_B_E", $"_RNvC1a{new string('1', 1000)}",
            ];
            foreach (string name in names)
            {
                int longest = Math.Max(name.Length, LongestName);
                long branches = CountedWork.Branches(name[..8], () => Assert.True(RustName.Demangle(name).Length <= longest));
                Assert.InRange(branches, 1, MostForCharacter * longest);
            }
        }
    }
}
