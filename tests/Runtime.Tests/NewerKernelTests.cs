using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Runtime.Tests.Relocate;
using BootProtocol.Runtime.Tests.Views;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests;

/// <summary>Kernels that came after these tests: they go through the checks of the others, and what is found is told, but no failure.</summary>
public sealed class NewerKernelTests
{
    private static readonly (string What, Action<string> Check)[] _checks =
    [
        ("image", name => new DebianKernelTests().A_bzImage_is_read_whole(name)),
        ("header", name => new KernelHeaderTests().Written_again_by_its_author_the_header_is_the_same(name)),
        ("kernel", name => new KernelTests().The_kernel_of_every_image_is_what_its_own_tool_yields(name)),
        ("segments", name => new ReadElfTests().Segments_are_those_of_readelf(name)),
        ("sections", name => new ReadElfTests().Sections_are_those_of_readelf(name)),
        ("notes", name => new ReadElfTests().Notes_are_those_of_readelf(name)),
        ("relocations", name => new RelocationTableTests().Lists_of_real_kernels_are_those_of_a_count_from_the_end(name)),
        ("parts", name => new ExtractCommandTests().Parts_are_the_images_own_bytes(name)),
        ("xen-pv", name => new OracleMatrixTests().Domains_of_other_kernels_equal_those_of_Xens_own_builder(name)),
        ("pvh", name => new PvhOracleTests().Raw_output_of_other_guests_is_what_libxenguest_lays_out(name)),
    ];

    [Fact]
    [Needs(Need.Kernels)]
    public void Kernels_newer_than_these_tests_are_tried_and_told_of()
    {
        List<string> different = [];
        foreach (string name in DebianKernels.Others.Where(Fetched.IsNewer))
        {
            foreach ((string what, Action<string> check) in _checks)
                different.AddRange(Try(name, what, check));
        }

        if (different.Count > 0)
            Assert.Skip(string.Join('\n', different));
    }

    /// <summary>Only what is newer may differ: of all else a failure stays one.</summary>
    [Theory]
    [InlineData("linux-binary-7.2.13+deb14-amd64_7.2.13-1_amd64.deb", false)]
    [InlineData("linux-binary-7.4.1+deb14-amd64_7.4.1-1_amd64.deb", true)]
    [InlineData("linux-binary-10.0+deb15-amd64_10.0-1_amd64.deb", true)]
    [InlineData("linux-image-6.12.117+deb13-amd64_6.12.117-1_amd64.deb", false)]
    [InlineData("libxen-dev_4.20.4+39-gf1e1321c87-1_amd64.deb", false)]
    [InlineData("libxen-dev_1%3a4.21.0-1_amd64.deb", true)]
    [InlineData("memtest86+_99.1-1_amd64.deb", false)]
    public void Failure_of_what_is_newer_is_a_skipped_test(string package, bool isNewer)
    {
        Fetched.Check([package], () => { });
        Exception failure = FailureOf(() => Fetched.Check([package], () => Assert.Fail("not as it was")));
        Assert.Equal(isNewer, failure is Xunit.Sdk.SkipException);
        Assert.Contains("not as it was", failure.Message, StringComparison.Ordinal);
        Assert.Equal(isNewer, failure.Message.Contains(package, StringComparison.Ordinal));
    }

    /// <summary>xunit's own recorder lets a skip through.</summary>
    private static Exception FailureOf(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            return failure;
        }

        throw new InvalidOperationException("Nothing failed.");
    }

    private static string[] Try(string name, string what, Action<string> check)
    {
        try
        {
            check(name);
            Console.WriteLine($"{name} is newer than these tests, {what}: as expected");
            return [];
        }
        catch (Exception failure)
        {
            string text = $"{name} is newer than these tests, {what}: {failure.Message.ReplaceLineEndings(" ")}";
            Console.WriteLine(text);
            return [text];
        }
    }
}
