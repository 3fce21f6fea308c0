using BootProtocol.Cli.Building;
using BootProtocol.Kexec;

namespace BootProtocol.Cli.Kexec;

/// <summary>What is to be loaded, as the command line says it.</summary>
internal sealed record KexecRequest
{
    /// <summary>The kernel and what it is given.</summary>
    public required DomainRequest Domain { get; init; }

    /// <summary>Whether it gets the running kernel's command line.</summary>
    public bool IsReusing { get; init; }

    /// <summary>What comes behind that; null for nothing.</summary>
    public string? Appended { get; init; }

    /// <summary>What it is for.</summary>
    public KexecPurpose Purpose { get; init; }

    /// <summary>Whether the running kernel is to read the image itself.</summary>
    public bool IsFile { get; init; }

    /// <summary>Whether it is shown only.</summary>
    public bool IsDry { get; init; }

    /// <summary>Whether it is shown as JSON.</summary>
    public bool IsJson { get; init; }
}
