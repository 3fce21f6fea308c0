using System.Globalization;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKexec;

/// <summary>What the kernels of a machine said, one after the other.</summary>
internal sealed class KexecRun
{
    private const string StageStart = "stage: ";
    private readonly Dictionary<string, GuestReport> _reports = [];
    private readonly Dictionary<string, ToolRun> _steps = [];

    public KexecRun(MachineRun machine)
    {
        Machine = machine;
        string? stage = null;
        var lines = new List<string>();
        foreach (string line in machine.Output.Split('\n', StringSplitOptions.TrimEntries).Append($"{StageStart}end"))
        {
            if (line.StartsWith(StageStart, StringComparison.Ordinal))
            {
                if (stage is not null)
                    Read(stage, lines);
                stage = line[StageStart.Length..];
                lines.Clear();
            }

            lines.Add(line);
        }
    }

    /// <summary>The machine with all that was printed.</summary>
    public MachineRun Machine { get; }

    /// <summary>What a stage's kernel reported when it was in user space; it must have been reached.</summary>
    public GuestReport this[string stage]
    {
        get
        {
            Assert.True(_reports.ContainsKey(stage), $"Stage '{stage}' was not reached.\n{Machine}");
            return _reports[stage];
        }
    }

    /// <summary>What a step of a stage came to; it must have been reached.</summary>
    public ToolRun Step(string stage, string step)
    {
        string name = $"{stage}/{step}";
        Assert.True(_steps.ContainsKey(name), $"Step '{name}' was not reached.\n{Machine}");
        return _steps[name];
    }

    private void Read(string stage, List<string> lines)
    {
        _reports[stage] = GuestReport.Parse(string.Join('\n', lines));
        string step = "", output = "", errors = "";
        foreach (string line in lines)
        {
            string[] parts = line.Split(':', 2);
            string text = parts.Length == 2 ? parts[1].TrimStart() : "";
            switch (parts[0])
            {
                case "step":
                    (step, output, errors) = (text, "", "");
                    break;
                case "out":
                    output += text + "\n";
                    break;
                case "err":
                    errors += text + "\n";
                    break;
                case "code" when step.Length > 0:
                    _steps[$"{stage}/{step}"] = new ToolRun(int.Parse(text, CultureInfo.InvariantCulture), output, errors);
                    break;
                default:
                    break;
            }
        }
    }
}
