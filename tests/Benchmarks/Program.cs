using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BootProtocol.Benchmarks.Peers;
using BootProtocol.Testing;

// "peers [ROUNDS [decode|parse|domains]]": against other programs, in turns. "domain pv|pvh KERNEL INITRD" builds one domain, for the
// memory that it takes; "peers" starts that. "domains": two hundred of them in one process. "kexec": a restart in QEMU, against
// kexec-tools. "kvm": a machine of KVM's in QEMU, against the build of its guest alone. "start": a guest in QEMU, against QEMU's own start of it.
// "xen": a domain of Xen in QEMU, against xl. Anything else goes to BenchmarkDotNet.
if (args is ["peers", ..])
{
    int rounds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 7;
    PeerComparison.Run(rounds, args.Length > 2 ? args[2] : null);
    return;
}

if (args is ["domain", var way, var kernel, var initrd])
{
    DomainComparison.BuildOnce(way, kernel, initrd);
    return;
}

if (args is ["domains"])
{
    ManyDomains.Run();
    return;
}

if (args is ["kexec"])
{
    KexecComparison.Run();
    return;
}

if (args is ["kvm"])
{
    KvmComparison.Run();
    return;
}

if (args is ["start"])
{
    StartComparison.Run();
    return;
}

if (args is ["xen"])
{
    XenComparison.Run();
    return;
}

// In this process: the projects that BenchmarkDotNet makes otherwise would build under the rules of this repository.
IConfig config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(15).WithWarmupCount(5))
    .AddColumn(StatisticColumn.Min)
    .WithArtifactsPath(Repository.File("artifacts", "benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
