using BootProtocol.Cli.Building;
using BootProtocol.Domains;
using BootProtocol.Kernels;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Control;

/// <summary>A PVH domain as a person wanted it, in the frames of this machine's Xen.</summary>
internal static class PvhGuest
{
    /// <summary>The ids of local APICs have 8 bits, and Xen uses every second one.</summary>
    private const uint MostVCpus = 127;

    private const ulong LeastMemory = 1 << 20;

    /// <summary>Builds it.</summary>
    /// <exception cref="ToolException">It cannot have so many virtual CPUs, or so little memory.</exception>
    /// <exception cref="XenException">Xen refused a step.</exception>
    public static BuiltRings Build(
        Hypervisor hypervisor, Kernel kernel, DomainRequest request, DomainLimits limits, InputFiles files, CancellationToken interruption)
    {
        if (limits.VCpus > MostVCpus)
            throw new ToolException(ExitCode.Usage, $"--vcpus: expected at most {MostVCpus} for --boot pvh, found '{limits.VCpus}'");
        if (request.Memory <= LeastMemory)
            throw new ToolException(ExitCode.Usage, "--memory: expected more than 1 MiB for --boot pvh");
        var wanted = new PvhDomainRequest { MemorySize = request.Memory, Limits = limits };
        HvmDomain built = HvmDomain.Create(hypervisor, wanted, place =>
        {
            interruption.ThrowIfCancellationRequested();
            using PvhDomain domain = new PvhBuilder
            {
                MemorySize = request.Memory,
                CommandLine = request.CommandLine ?? "",
                Initrds = files.OpenInitrds(request),
                Map = place.Map,
                AcpiRsdp = place.AcpiRsdp,
                Target = place.Memory,
            }.Build(kernel);
            return domain.Cpu;
        });
        return new BuiltRings(built.Domain, built.Console, built.Store);
    }
}
