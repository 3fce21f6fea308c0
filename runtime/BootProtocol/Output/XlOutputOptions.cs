namespace BootProtocol.Output;

/// <summary>How a guest is written for <c>xl restore</c>.</summary>
/// <example><code>
/// var options = new XlOutputOptions { Name = "web", StreamVersion = 2 };
/// Console.WriteLine($"{options.Name}: a stream of version {options.StreamVersion}");
/// </code></example>
public sealed record XlOutputOptions
{
    /// <summary>The version of libxenguest's stream by default.</summary>
    public const int DefaultVersion = 3;

    /// <summary>The name that the domain gets: not empty. No other domain of that Xen may have it.</summary>
    public string Name { get; init; } = "guest";

    /// <summary>The version of libxenguest's stream: 3, which Xen reads since 4.14, or 2, which it reads since 4.6.</summary>
    public int StreamVersion { get; init; } = DefaultVersion;

    /// <summary>
    /// The page of hypercalls, 4096 bytes, for kernels that ask for one: a restore does not fill it. Empty refuses such kernels.
    /// BootProtocol.Stubs makes it.
    /// </summary>
    public ReadOnlyMemory<byte> HypercallPage { get; init; }
}
