namespace BootProtocol.Cli.Reference;

/// <summary>The kinds of pages, in the order in which a protocol lists them.</summary>
internal enum ReferenceKind
{
    /// <summary>A structure.</summary>
    Structure,

    /// <summary>A set of flags.</summary>
    Flags,

    /// <summary>An enumeration.</summary>
    Enumeration,

    /// <summary>A set of constants.</summary>
    Constants,

    /// <summary>What a number chooses.</summary>
    Choice,

    /// <summary>The notes of an owner.</summary>
    Notes,
}
