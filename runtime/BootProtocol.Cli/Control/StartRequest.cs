using System.Collections.Immutable;

namespace BootProtocol.Cli.Control;

/// <summary>What a person wants to be started on this machine's Xen.</summary>
internal sealed record StartRequest
{
    /// <summary>The kernel's image.</summary>
    public required string Image { get; init; }

    /// <summary>The files of the initial ramdisks.</summary>
    public ImmutableArray<string> Initrds { get; init; } = [];

    /// <summary>The command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Bytes of memory.</summary>
    public required ulong Memory { get; init; }

    /// <summary>The domain's name; null for one made of its number.</summary>
    public string? Name { get; init; }
}
