using BootProtocol.Cli;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Kexec;
using BootProtocol.Kexec;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>Runs <c>bootproto kexec load</c> on a pretended machine.</summary>
internal sealed class KexecLoadingRun(PretendedHost machine) : IDisposable
{
    /// <summary>The sample guest.</summary>
    public static DomainRequest Sample => new() { IsSample = true, Memory = 0 };

    /// <summary>What was called.</summary>
    public FakeCalls Calls { get; } = new();

    /// <summary>Does what is wanted.</summary>
    /// <returns>What was printed.</returns>
    public string Start(KexecRequest request)
    {
        using var output = new StringWriter();
        using var console = new ToolConsole(output, TextWriter.Null);
        new BootProtocol.Cli.Kexec.KexecLoading(machine.Host, new KexecLoader(machine.Host, Calls), console).Run(request);
        return output.ToString();
    }

    public void Dispose() => Calls.Dispose();
}
