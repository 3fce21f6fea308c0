using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>What a run of a control domain came to.</summary>
/// <param name="Machine">The machine, with all that the hypervisor and the control domain's kernel printed.</param>
/// <param name="Wanted">The steps that were to be carried out, with their scripts.</param>
/// <param name="Steps">The steps that ended, by name.</param>
internal sealed record ControlDomainRun(
    MachineRun Machine, IReadOnlyList<(string Name, string Script)> Wanted, IReadOnlyDictionary<string, ToolRun> Steps)
{
    /// <summary>All steps as a person would have seen them.</summary>
    public string Transcript
    {
        get
        {
            var text = new StringBuilder();
            foreach ((string name, string script) in Wanted)
            {
                text.Append("# ").Append(script.Trim().ReplaceLineEndings("\n> ")).Append('\n');
                if (!Steps.TryGetValue(name, out ToolRun? step))
                {
                    text.Append("(not reached)\n");
                    continue;
                }

                text.Append(step.Output).Append(step.Errors);
                if (step.ExitCode != 0)
                    text.Append("(exit code ").Append(step.ExitCode).Append(")\n");
            }

            return text.ToString();
        }
    }

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
