namespace BootProtocol.Boot.Tests.Cli;

/// <summary>6.12 at random virtual offsets.</summary>
public sealed class KaslrRunTests64 : KaslrRuns
{
    private const string Kernel = "6.12-amd64";

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Kernel_runs_at_the_chosen_offset(int seed) => Boot(Kernel, seed);

    [Fact]
    public void Seeds_choose() => CheckChoice(Kernel, 3, 0x200000);
}
