using BootProtocol.Checks;

namespace BootProtocol.Cli.Checking;

/// <summary>The names of severities, which are those of SARIF's levels, too.</summary>
internal static class SeverityNames
{
    /// <summary>The name of a severity.</summary>
    public static string Of(CheckSeverity severity) => severity switch
    {
        CheckSeverity.Error => "error",
        CheckSeverity.Warning => "warning",
        _ => "note",
    };
}
