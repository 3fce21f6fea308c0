using System.Formats.Tar;
using System.Globalization;
using System.Text;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>What steps came to in a guest that has put it on a disk: an archive with files NUMBER-NAME.out, .err and .code.</summary>
internal static class StepResults
{
    /// <summary>The files of the archive.</summary>
    public static Dictionary<string, byte[]> Read(string disk)
    {
        var files = new Dictionary<string, byte[]>();
        using FileStream stream = File.OpenRead(disk);
        using var archive = new TarReader(stream);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } contents)
                continue;
            using var bytes = new MemoryStream();
            contents.CopyTo(bytes);
            files[Path.GetFileName(entry.Name)] = bytes.ToArray();
        }

        return files;
    }

    /// <summary>The steps that ended, by name.</summary>
    public static Dictionary<string, ToolRun> Runs(IReadOnlyDictionary<string, byte[]> files)
    {
        const string Ending = ".code";
        return files.Keys.Where(name => name.EndsWith(Ending, StringComparison.Ordinal))
            .Select(name => name[..^Ending.Length])
            .ToDictionary(
                name => name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..],
                name => new ToolRun(int.Parse(Text($"{name}{Ending}"), CultureInfo.InvariantCulture), Text($"{name}.out"), Text($"{name}.err")));

        string Text(string name) => files.TryGetValue(name, out byte[]? bytes) ? Encoding.Latin1.GetString(bytes) : "";
    }
}
