namespace BootProtocol.Boot.Tests.Cli;

/// <summary>The 32-bit kernel at random offsets, which are physical, too.</summary>
public sealed class KaslrRunTests32 : KaslrRuns
{
    private const string Kernel = "6.1-686-pae";

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Kernel_runs_at_the_chosen_offset(int seed) => Boot(Kernel, seed);

    [Fact]
    public void Seeds_choose() => CheckChoice(Kernel, 3, 0x2000);
}
