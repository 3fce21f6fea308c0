namespace BootProtocol.Cli;

/// <summary>What the process's exit code means.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The input is bad; one line on standard error says where.</summary>
    public const int BadInput = 1;

    /// <summary>Two images differ, for whoever asked for a code that says so.</summary>
    public const int Different = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Something that the command needs is not on this machine.</summary>
    public const int Missing = 3;

    /// <summary>A check found warnings, and nothing worse.</summary>
    public const int Warnings = 4;
}
