using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BootProtocol.Benchmarks.Peers;
using BootProtocol.Testing;

// "peers [ROUNDS]": against other programs, in turns; "domains [ROUNDS]" is the part of it about domains.
// "domain pv|pvh KERNEL INITRD" builds one, for the memory that takes; "peers" starts it. Anything else goes to BenchmarkDotNet.
if (args is ["peers" or "domains", ..])
{
    int rounds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 7;
    if (args[0] == "peers")
        PeerComparison.Run(rounds);
    else
        PeerComparison.RunDomains(rounds);
    return;
}

if (args is ["domain", var way, var kernel, var initrd])
{
    DomainComparison.BuildOnce(way, kernel, initrd);
    return;
}

// In this process: the projects that BenchmarkDotNet makes otherwise would build under the rules of this repository.
IConfig config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(15).WithWarmupCount(5))
    .AddColumn(StatisticColumn.Min)
    .WithArtifactsPath(Repository.File("artifacts", "benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
