using System.Text;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;
using BootProtocol.Symbols.Rust;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>Names of Rust, against binutils' own reader of them.</summary>
public sealed class RustNameTests
{
    /// <summary>Names that have every tag at least once.</summary>
    private static readonly string[] _made =
    [
        "_RNvC6_123foo3bar", "_RNvCs4fqI2P2rA04_4core3num", "_RNCNCNgCs6DXkGYLi8lr_2cc5spawn00B5_", "_RNCNvC1a4main0", "_RNSNvC1a4mains_4shim",
        "_RINbNbCskIICzLVDPPb_5alloc5alloc8box_freeDINbNiB4_5boxed5FnBoxuEp6OutputuEL_ECs1iopQbuBiw2_3std",
        "_RNvMC0INtC8arrayvec8ArrayVechKj7b_E3new", "_RMCs4fqI2P2rA04_13const_genericINtB0_8UnsignedKhb_E", "_RMC0INtC8const_10SignedTestKs98_E",
        "_RMC0INtC8c8SignedTestKanb_E", "_RMC0INtC8c8BoolKb0_E", "_RMC0INtC8c8BoolKb1_E", "_RMC0INtC8c8BoolKb2_E",
        "_RMC0INtC8c8CharKc76_E", "_RMC0INtC8c8CharKca_E", "_RMC0INtC8c8CharKc2202_E", "_RMC0INtC8c8CharKc20_E", "_RMC0INtC8c8CharKc7e_E",
        "_RMC0INtC1c4CharKcd_E", "_RMC0INtC1c1AKp_E", "_RMC0INtC1c1AKpE", "_RMC0INtC1c1AKof_E",
        "_RMC0INtC1c1AKj_E", "_RMC0INtC1c1AKjg_E", "_RMC0INtC1c1AKe616263_E",
        "_RNvNvC6nested4mainu3f50gda", "_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "_RNvC1au4jxa6", "_RNvC1au6foo_b0d",
        "_RNvC1au6foo_b0D", "_RNvC1au0", "_RNvC1au3aaa", "_RNvC1au9_99999999", "_RYFG_FGyG0_RL1_hEuEuNtC1a5Trait", "_RMC0FG_RL0_hEB4_", "_RMC0FG_RL1_hEu",
        "_RMC0FUKCRL_hEu", "_RMC0FKCuEu", "_RMC0FKu3foo1aEu", "_RMC0FK8sysv_abihEh", "_RMC0FEh", "_RMC0FhhhEu", "_RMC0Ah3_", "_RMC0AhKj3_", "_RMC0Ahj3_",
        "_RMC0Sh", "_RMC0TE", "_RMC0ThE", "_RMC0ThhE", "_RMC0PShE", "_RMC0OSh", "_RMC0QL_h", "_RMC0Qh", "_RMC0RL0_h", "_RMC0z", "_RMC0v", "_RMC0w",
        "_RMC0DNtC1a1bEL_", "_RMC0DNtC1a1bNtC1a1cEL_", "_RMC0DNtC1a1bp1chEL_", "_RMC0DINtC1a1bhEp1chp1dtEL_", "_RMC0DG_INtC1a1bRL0_hEEL_", "_RMC0DEL_",
        "_RMC0DNtC1a1bE", "_RXC0hNtC1a1b", "_RXs_C0hNtC1a1b", "_RXs1_C0hNtC1a1b", "_RYhNtC1a1b", "_RNtYhNtC1a1b3fun", "_RINvYhNtC1a1b3funtE",
        "_RIC1ahE", "_RINvC1a1bL_E", "_RINvC1a1bL0_E", "_RINvC1a1bhL_Kh1_E", "_RINvC1a1bE", "_RNvB_1b", "_RNvC1aB0_", "_RB_", "_RNvB9_1b", "_RIB_hE",
        "_RNvC1a1bB2_", "_RNvC1a1bC1z", "_RNvC1a1bC1zC1y", "_RNvC1a1b_", "_RNvC1a", "_RN", "_R", "_RC", "_RC5abc", "_RC03abc", "_RC1_a", "_RC2_ab", "_RC0", "_R0NvC1a1b",
        "_RNvC1a1b.llvm.123", "_RNvC1a1b.cold", "_RN1C1a1b", "_RN_C1a1b", "_RNvC1a1b$", "__RNvC1a1b", "RNvC1a1b", "_RNZC1a1b", "_RNZC1as_1b", "_RNZC1as_0",
        "_RNvC1as_0", "_RNCC1au0", "_RNvC18446744073709551617a1b", "_RNvCszzzzzzzzzzzzzzzz_1a1b",
        "_ZN4core3num17habcdef0123456789E", "_ZN4core3num17h0000000000000000E", "_ZN4core3num17h0123456789abcdeE", "_ZN17habcdef0123456789E",
        "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE", "_ZN3foo17h05af221e174051e9E",
        "_ZN8$RF$testing17h05af221e174051e9E", "_ZN12test$BP$test417h05af221e174051e9E", "_ZN12test$BP$test417h05af221e174051e9E.llvm.A5310EB9",
        "_ZN3foo17h05af221e174051e9E.cold.1", "_ZN9foo$u7e$bar17h05af221e174051e9E", "_ZN9foo$u1f$bar17h05af221e174051e9E", "_ZN8foo$XX$b17h05af221e174051e9E",
        "_ZN3f.o17h05af221e174051e9E", "_ZN4f..o17h05af221e174051e9E", "_ZN5f...o17h05af221e174051e9E", "_ZN5_$C$a17h05af221e174051e9E",
        "_ZN3foo3bar17h05af221e174051e9Ex", "_ZN3foo3bar17h05af221e174051e9", "_ZN0foo17h05af221e174051e9E", "_ZN9foo17h05af221e174051e9E",
        "_ZN4SP$a1bE", "_ZN3std2io5stdio6_print17h0A5f221e174051e9E", "_ZN", "_ZN3foo3barEv", "start_kernel", "", "_", "_RESTORE", "_ZNK3foo17h05af221e174051e9E",
    ];

    [Theory]
    [InlineData("_RNvNtCsbZfwWpAStWS_4core3num22from_ascii_radix_panic", "core::num::from_ascii_radix_panic")]
    [InlineData("_RINvNtCsbZfwWpAStWS_4core9panicking13assert_failedjjEB4_", "core::panicking::assert_failed::<usize, usize>")]
    [InlineData("_RNCNvC1a4main0.cold", "a::main::{closure#0}.cold")]
    [InlineData("_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::\u10e1\u10d0\u10ed\u10db\u10d4\u10da\u10d0\u10d3_\u10d2\u10d4\u10db\u10e0\u10d8\u10d4\u10da\u10d8_\u10e1\u10d0\u10d3\u10d8\u10da\u10d8")]
    [InlineData("_ZN4core3num17habcdef0123456789E.llvm.77", "core::num.llvm.77")]
    [InlineData("_RMC0INtC1c1AKy123456789abcdef01_E", "<c::A<0x123456789abcdef01>>")]
    [InlineData("_RNvC1a", "_RNvC1a")]
    [InlineData("_RNvC1au3_4ca", "a::\u00e4")]
    [InlineData("start_kernel", "start_kernel")]
    public void Names_are_those_that_people_write(string name, string text) => Assert.Equal(text, RustName.Demangle(name));

    /// <summary>U+009B begins a command to a terminal, U+202E turns the rest of the line round, U+2028 ends it.</summary>
    [Theory]
    [InlineData("_RNvC1au2_1a")]
    [InlineData("_RNvC1au3zvg")]
    [InlineData("_RNvC1au3tvg")]
    public void What_steers_a_terminal_is_no_name(string name) => Assert.Equal(name, RustName.Demangle(name));

    [Fact]
    [Needs(Need.Tools)]
    public void Made_names_are_as_binutils_reads_them() => CompareMostly(_made);

    [Fact]
    [Needs(Need.Kernels)]
    public void Names_of_a_kernel_are_as_binutils_reads_them()
    {
        KernelSymbols symbols = KernelSymbols.Read(DecodedKernels.Open("sid-amd64"))!;
        string[] names = [.. symbols.Where(static symbol => symbol.NameBytes.StartsWith("_R"u8)).Select(static symbol => symbol.Name)];
        Assert.True(names.Length > 500);
        Assert.All(names, static name => Assert.True(RustName.TryDemangle(name, out _), name));
        Compare(names);

        CompareMostly([.. Changed(names, 4)]);
    }

    /// <summary>Depth is bounded, and what is deeper is left out.</summary>
    [Fact]
    public void Depth_is_bounded() => Assert.Equal($"<{new string('&', 200)}u8>", RustName.Demangle($"_RMC0{new string('R', 200)}h"));

    /// <summary>The number that an offset is written as.</summary>
    internal static string Number(int place)
    {
        const string Letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var text = new StringBuilder("_");
        if (place == 0)
            return "_";
        for (int rest = place - 1; ; rest /= 62)
        {
            text.Insert(0, Letters[rest % 62]);
            if (rest < 62)
                return text.ToString();
        }
    }

    private static IEnumerable<string> Changed(string[] names, int times)
    {
        const string Letters = "0123456789_abchjlpstvyBCDEFGIKLMNOPQRSTUXY";
        var random = new Random(2603);
        foreach (string name in names.Where(static name => name.Length > 4))
        {
            for (int i = 0; i < times; i++)
            {
                int at = random.Next(2, name.Length);
                string letter = $"{Letters[random.Next(Letters.Length)]}";
                yield return random.Next(3) switch
                {
                    0 => name.Remove(at, 1),
                    1 => name.Insert(at, letter),
                    _ => name.Remove(at, 1).Insert(at, letter),
                };
            }
        }
    }

    private static void Compare(string[] given)
    {
        string[] names = [.. given.Select(Bare)];
        Assert.Equal(ReadByBinutils(names), names.Select(RustName.Demangle));
    }

    /// <summary>Binutils takes numbers that are too long, and identifiers in Punycode of no known form: those stay as they are here.</summary>
    private static void CompareMostly(string[] given)
    {
        string[] names = [.. given.Where(static name => name.Length > 0).Select(Bare)];
        string[] read = ReadByBinutils(names);
        Assert.All(names.Zip(read), static pair => Assert.Contains(RustName.Demangle(pair.First), (string[])[pair.First, pair.Second]));
        int same = names.Zip(read).Count(static pair => RustName.Demangle(pair.First) == pair.Second);
        Assert.True(same > names.Length * 9 / 10, $"{same} of {names.Length} are the same");
    }

    private static string[] ReadByBinutils(string[] names)
    {
        byte[] lines = Encoding.UTF8.GetBytes(string.Join('\n', names) + "\n");
        return Encoding.UTF8.GetString(Filter.Run("c++filt -i --format=rust", lines)).TrimEnd('\n').Split('\n');
    }

    /// <summary>What stands behind a dot is dropped by binutils, and kept here.</summary>
    private static string Bare(string name)
    {
        int end = name.StartsWith("_R", StringComparison.Ordinal) ? name.IndexOf('.') : name.LastIndexOf("E.", StringComparison.Ordinal) + 1;
        return end > 0 ? name[..end] : name;
    }
}
