using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>What a proof says that cannot succeed.</summary>
[Needs(Need.Kernels)]
public sealed class CCompilerTests
{
    private const string Install = "install gcc (12 or later), gcc-multilib, linux-libc-dev and libxen-dev";

    [Fact]
    public void Missing_compiler_is_a_complaint()
        => Assert.Equal(
            $"There is no program 'gcc-that-is-not-there' on this machine: {Install}.",
            new CCompiler("gcc-that-is-not-there").Complaint("", 64));

    [Fact]
    public void Missing_header_is_a_complaint()
    {
        string complaint = new CCompiler().Complaint("#include <xen/not-there.h>\n", 64);
        Assert.Contains($"A header is missing: {Install}.", complaint, StringComparison.Ordinal);
    }

    /// <summary>Every assertion of the shipped tables can fail: with its number changed, gcc rejects it.</summary>
    [Theory]
    [InlineData("installed", 32)]
    [InlineData("installed", 64)]
    [InlineData("sid", 64)]
    public void Every_changed_number_is_a_complaint(string headers, int bits)
    {
        var set = HeaderSet.Get(headers);
        set.Check(() => EveryChangedNumberIsAComplaint(set, bits));
    }

    private static void EveryChangedNumberIsAComplaint(HeaderSet headers, int bits)
    {
        foreach (TableProof proof in Proved.Plan(headers, bits).Proofs)
        {
            string changed = proof.Source.Replace(" == ", " == 1 + ", StringComparison.Ordinal);
            string complaint = new CCompiler(headers: headers).Complaint(changed, bits);
            int failed = complaint.Split("static assertion failed").Length - 1;
            Assert.Equal(changed.Split("_Static_assert(").Length - 1, failed);
        }
    }
}
