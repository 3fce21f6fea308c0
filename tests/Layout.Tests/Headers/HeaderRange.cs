namespace BootProtocol.Layout.Tests.Headers;

/// <summary>The headers that a line of a twin table holds for.</summary>
/// <param name="Software">Whose headers: linux, xen or glibc.</param>
/// <param name="Version">The version.</param>
/// <param name="IsSince">Whether it is that version and later ones, or the earlier ones.</param>
internal sealed record HeaderRange(string Software, Version Version, bool IsSince)
{
    public bool Holds(HeaderSet headers) => headers.IsFrom(Software, Version) == IsSince;

    /// <summary>Whether some headers are in both.</summary>
    public bool Overlaps(HeaderRange other)
        => Software != other.Software || IsSince == other.IsSince || (IsSince ? Version < other.Version : other.Version < Version);

    public override string ToString() => $"{(IsSince ? "since" : "before")} {Software} {Version}";
}
