namespace BootProtocol.Cli.Control;

/// <summary>What is done with a domain whose guest has ended.</summary>
internal enum EndAction
{
    /// <summary>Nothing was said: nobody waits for the end.</summary>
    None,

    /// <summary>It stays as it is, until somebody destroys it.</summary>
    Preserve,

    /// <summary>It is destroyed.</summary>
    Destroy,

    /// <summary>It is destroyed, and built anew.</summary>
    Restart,
}
