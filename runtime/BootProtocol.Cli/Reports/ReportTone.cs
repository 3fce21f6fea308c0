namespace BootProtocol.Cli.Reports;

/// <summary>What cells of a table are, for their colour.</summary>
internal enum ReportTone
{
    /// <summary>Nothing special.</summary>
    Plain,

    /// <summary>What names all that follows.</summary>
    Heading,

    /// <summary>What a reader looks for.</summary>
    Key,

    /// <summary>What a reader finds there.</summary>
    Value,

    /// <summary>What can be passed over.</summary>
    Faint,
}
