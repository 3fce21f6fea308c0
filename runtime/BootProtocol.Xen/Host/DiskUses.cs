using System.Globalization;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Xen.Host;

/// <summary>What uses block devices, by the files in which Linux says it.</summary>
/// <param name="root">What stands before <c>/proc</c> and <c>/sys</c>.</param>
/// <remarks>
/// Source: Documentation/filesystems/proc.rst of Linux for mountinfo; Documentation/ABI/stable/sysfs-block for loop and holders;
/// drivers/block/xen-blkback/xenbus.c for the files of a disk.
/// </remarks>
internal sealed class DiskUses(string root)
{
    /// <summary>In mountinfo, what is in names besides characters is written as a backslash and three octal digits.</summary>
    private const int OctalDigits = 3;

    /// <summary>Loop devices, each with the file that it is.</summary>
    public List<(string Device, string File)> Loops()
    {
        var found = new List<(string Device, string File)>();
        foreach (string folder in Folders("/sys/block", "loop*"))
        {
            if (Read(Path.Combine(folder, "loop", "backing_file")) is { } file)
                found.Add(($"/dev/{Path.GetFileName(folder)}", file));
        }

        return found;
    }

    /// <summary>The disks of domains.</summary>
    public List<OpenDisk> OpenDisks()
    {
        var found = new List<OpenDisk>();
        foreach (string folder in Folders("/sys/bus/xen-backend/devices", "vbd-*"))
        {
            // vbd-DOMAIN-NUMBER
            string[] name = Path.GetFileName(folder).Split('-');
            string[] device = Read(Path.Combine(folder, "physical_device"))?.Split(':') ?? [];
            if (name.Length == 3 && device.Length == 2
                && ushort.TryParse(name[1], NumberStyles.None, CultureInfo.InvariantCulture, out ushort domain)
                && uint.TryParse(name[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                && uint.TryParse(device[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint major)
                && uint.TryParse(device[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint minor))
            {
                found.Add(new OpenDisk(domain, number, major, minor, Read(Path.Combine(folder, "mode")) == "r"));
            }
        }

        return found;
    }

    /// <summary>Where a device is mounted; to somebody who only reads it, only where it is written to.</summary>
    public string? FindMount(uint major, uint minor, bool isReadOnly)
    {
        foreach (string line in Lines("/proc/self/mountinfo"))
        {
            // ID PARENT MAJOR:MINOR ROOT PLACE OPTIONS ... - KIND SOURCE OPTIONS: the last ones are of the file system, whoever sees it how.
            string[] words = line.Split(' ');
            if (words.Length < 5 || words[2] != string.Create(CultureInfo.InvariantCulture, $"{major}:{minor}"))
                continue;
            if (!isReadOnly || !words[^1].Split(',').Contains("ro"))
                return $"is mounted at {Unescape(words[4])}";
        }

        return null;
    }

    /// <summary>A device that a device is a part of, as of a volume.</summary>
    public string? FindHolder(uint major, uint minor)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{major}:{minor}/holders");
        return Folders(folder, "*").FirstOrDefault() is { } holder ? $"is a part of {Path.GetFileName(holder)}" : null;
    }

    private static string Unescape(string text)
    {
        string[] parts = text.Split('\\');
        for (int i = 1; i < parts.Length; i++)
        {
            if (parts[i].Length >= OctalDigits && parts[i][..OctalDigits].All(static digit => digit is >= '0' and <= '7'))
                parts[i] = (char)Convert.ToInt32(parts[i][..OctalDigits], 8) + parts[i][OctalDigits..];
        }

        return string.Concat(parts);
    }

    private IEnumerable<string> Folders(string folder, string pattern)
    {
        try
        {
            return Directory.GetFileSystemEntries(root + folder, pattern).Order(StringComparer.Ordinal);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(root + path);
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>A file's one line; null where it is not, or no longer.</summary>
    private static string? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).TrimEnd('\n') : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
