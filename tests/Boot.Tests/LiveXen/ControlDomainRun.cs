using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>What a run of a control domain came to.</summary>
/// <param name="Machine">The machine, with all that the hypervisor and the control domain's kernel printed.</param>
/// <param name="Steps">The steps that ended, by name.</param>
internal sealed record ControlDomainRun(MachineRun Machine, IReadOnlyDictionary<string, ToolRun> Steps)
{
    /// <summary>A step, which must have been reached.</summary>
    public ToolRun this[string step]
    {
        get
        {
            Assert.True(Steps.ContainsKey(step), $"Step '{step}' was not reached.\n{Machine}");
            return Steps[step];
        }
    }
}
