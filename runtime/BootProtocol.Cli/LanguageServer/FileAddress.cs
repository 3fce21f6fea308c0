namespace BootProtocol.Cli.LanguageServer;

/// <summary>Addresses of files, as editors write them.</summary>
internal static class FileAddress
{
    /// <summary>The path that an address names; null if it names no file of this machine.</summary>
    public static string? Path(string address) =>
        System.Uri.TryCreate(address, UriKind.Absolute, out System.Uri? uri)
        && uri is { IsFile: true, LocalPath: var path }
        && System.IO.Path.IsPathFullyQualified(path)
        && !path.Contains('\0', StringComparison.Ordinal)
            ? System.IO.Path.GetFullPath(path)
            : null;

    /// <summary>The address of a path.</summary>
    public static string Of(string path) => new System.Uri(path).AbsoluteUri;
}
