using System.Globalization;
using System.Text;
using BootProtocol.Output;

namespace BootProtocol.Repack;

/// <summary>Makes the archive of a folder that Linux unpacks as its initial RAM file system (cpio of the form newc).</summary>
/// <remarks>
/// Names are in ordinal order, owners are root, and times are zero, so that the same files make the same archive on every machine. Rights are
/// the files' own, setuid and sticky ones too; links stay links. Names have to be UTF-8. Devices, pipes and sockets are not taken: the
/// kernel's <c>devtmpfs</c> has the devices.
/// Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
/// </remarks>
/// <example><code>
/// string root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
/// File.WriteAllText(Path.Combine(root, "init"), "#!/bin/sh\n");
/// byte[] archive = InitramfsArchive.OfFolder(root);
/// Console.WriteLine($"{archive.Length} bytes");
/// </code></example>
public static class InitramfsArchive
{
    private const int Alignment = 4;
    private const int FolderKind = 0x4000;
    private const int FileKind = 0x8000;
    private const int LinkKind = 0xa000;
    private const int LinkRights = 0x1ff;

    /// <summary>Rights with those of the file itself: setuid, setgid, sticky.</summary>
    private const int AllRights = 0xfff;
    private const string Trailer = "TRAILER!!!";

    /// <summary>Makes it.</summary>
    /// <param name="path">The folder; what is in it stands at the archive's root.</param>
    /// <exception cref="BootRequestException">A file is of a kind or name that is not taken, or all have 1 GiB or more together.</exception>
    /// <exception cref="IOException">A file cannot be read, or the folder is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static byte[] OfFolder(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var archive = new MemoryStream();
        uint number = 0;
        try
        {
            foreach ((string name, FileSystemInfo file) in Files(new DirectoryInfo(path), ""))
                Add(archive, name, file, ++number);
        }
        catch (PathTooLongException)
        {
            throw Refuse("", "paths that Linux takes", "one that is too long");
        }

        AddHead(archive, Trailer, 0, 0, 0, 1);
        return archive.ToArray();
    }

    private static IEnumerable<(string Name, FileSystemInfo File)> Files(DirectoryInfo folder, string prefix)
    {
        foreach (FileSystemInfo file in folder.EnumerateFileSystemInfos().OrderBy(static file => file.Name, StringComparer.Ordinal))
        {
            yield return ($"{prefix}{file.Name}", file);
            if (file is not DirectoryInfo { LinkTarget: null } inner)
                continue;
            foreach ((string Name, FileSystemInfo File) found in Files(inner, $"{prefix}{file.Name}/"))
                yield return found;
        }
    }

    private static void Add(MemoryStream archive, string name, FileSystemInfo file, uint number)
    {
        RequireText(name, "name", name);
        if (name == Trailer)
            throw Refuse(name, $"another name than {Trailer}, at which an archive ends", "this one");
        int rights = (int)file.UnixFileMode & AllRights;
        if (file.LinkTarget is { } target)
        {
            RequireText(name, "link's target", target);
            byte[] text = Encoding.UTF8.GetBytes(target);
            AddHead(archive, name, number, LinkKind | LinkRights, text.Length, 1);
            archive.Write(text);
        }
        else if (file is FileInfo && OrdinaryFile.IsPlace(file.FullName))
        {
            using FileStream contents = OpenFile(file.FullName);
            if (archive.Length + contents.Length > Array.MaxLength / 2)
                throw Refuse(name, "files of less than 1 GiB together", "more");
            AddHead(archive, name, number, FileKind | rights, contents.Length, 1);
            long start = archive.Length;
            contents.CopyTo(archive);
            if (archive.Length - start != contents.Length)
                throw Refuse(name, "a file that stays as it is while it is read", "one that changes");
        }
        else if (file is DirectoryInfo)
        {
            AddHead(archive, name, number, FolderKind | rights, 0, 2);
        }
        else
        {
            throw Refuse(name, "a file, a folder or a link", "a device, a pipe or a socket");
        }

        Align(archive);
    }

    /// <summary>What is not UTF-8 comes from .NET with replacement characters, and would come out of the archive as another name.</summary>
    private static void RequireText(string name, string what, string text)
    {
        if (text.Contains('\ufffd', StringComparison.Ordinal))
            throw Refuse(name, $"a {what} in UTF-8", "other bytes");
    }

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static void AddHead(MemoryStream archive, string name, uint number, int mode, long size, int links)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes($"{name}\0");
        var head = new StringBuilder("070701");
        foreach (long field in (ReadOnlySpan<long>)[number, mode, 0, 0, links, 0, size, 0, 0, 0, 0, nameBytes.Length, 0])
            head.Append(field.ToString("x8", CultureInfo.InvariantCulture));
        archive.Write(Encoding.ASCII.GetBytes(head.ToString()));
        archive.Write(nameBytes);
        Align(archive);
    }

    private static void Align(MemoryStream archive)
    {
        while (archive.Length % Alignment != 0)
            archive.WriteByte(0);
    }

    private static BootRequestException Refuse(string name, string expected, string found) =>
        new(BootErrorCode.NotAllowed, "initramfs", name, null, expected, found);
}
