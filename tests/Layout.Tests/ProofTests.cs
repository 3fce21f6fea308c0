using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;

namespace BootProtocol.Layout.Tests;

/// <summary>C headers that the specs did not come through say the same: gcc compiles an assertion for every size, place and value.</summary>
public sealed class ProofTests(ITestOutputHelper output)
{
    [Fact]
    public void Twin_tables_speak_of_what_the_specs_have() => Assert.Empty(TwinSet.Shipped.Problems);

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Every_name_has_a_twin_or_a_reason_why_not(int bits) => Assert.Empty(Proved.Plan(bits).Problems);

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void C_agrees(int bits)
    {
        string complaints = string.Join('\n', Proved.ComplaintsOf(bits));
        Assert.True(complaints.Length == 0, complaints);
    }

    /// <summary>
    /// The count goes to the test's output, which <c>dotnet test --output Detailed</c> shows, and to the console, which is seen
    /// where the test program is run itself.
    /// </summary>
    [Fact]
    public void Count_of_what_was_proved()
    {
        Assert.Empty(Proved.ComplaintsOf(32));
        Assert.Empty(Proved.ComplaintsOf(64));
        string summary = Summary.Of(Proved.Plan(32), Proved.Plan(64));
        output.WriteLine(summary);
        Console.WriteLine(summary);
    }
}
