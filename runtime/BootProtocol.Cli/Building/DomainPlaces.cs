using BootProtocol.Output;

namespace BootProtocol.Cli.Building;

/// <summary>The files that a domain is made of and goes to, of which no two may be the same one.</summary>
internal static class DomainPlaces
{
    /// <summary>Refuses a file that would be written twice, of which the first would be lost, and one that is read and would be written over.</summary>
    /// <param name="built">The domain, and what it was built of.</param>
    /// <param name="format">What is written.</param>
    /// <param name="file">The domain's file; null for none.</param>
    /// <param name="map">The map's file; null for none.</param>
    /// <exception cref="ToolException">There is such a file, or one that cannot be written.</exception>
    public static void RequireApart(BuiltDomain built, string format, string? file, string? map)
    {
        DomainRequest request = built.Request;
        string?[] inputs = [request.Image, .. request.Initrds, .. request.SetupData.Select(static node => node.File)];
        var read = new HashSet<string>(Files(inputs).Select(OutputFiles.PlaceOf));
        var written = new HashSet<string>();
        string?[] outputs = file is null ? [map] : format == DomainOutput.Raw ? [.. RawOutput.FilesOf(built.Domain, file), map] : [file, map];
        foreach (string output in Files(outputs))
        {
            OutputFile.Guard(output, () =>
            {
                string place = OutputFiles.PlaceOf(output);
                if (read.Contains(place))
                    throw new ToolException(ExitCode.Usage, $"{output}: would be written over, and is what the guest is built of: name another file");
                if (!written.Add(place))
                    throw new ToolException(ExitCode.Usage, $"{output}: would be written twice, by -o and by --map: name two files");
            });
        }
    }

    /// <summary>Those that are files: what comes from or goes to devices, pipes and what is open already may be the same.</summary>
    private static IEnumerable<string> Files(IEnumerable<string?> names) =>
        names.OfType<string>().Where(static name => name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal) && !OutputFile.IsInPlace(name));
}
