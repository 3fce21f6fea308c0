using System.Text;
using BootProtocol.Cpio;
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

        // All sizes first, so that the archive is the one copy of the files that is made.
        var entries = new List<Entry>();
        long length = 0;
        try
        {
            foreach ((string name, FileSystemInfo file) in Files(new DirectoryInfo(path), ""))
            {
                entries.Add(Describe(name, file));
                length += entries[^1].ArchiveLength;
                if (length > Array.MaxLength / 2)
                    throw Refuse(name, "files of less than 1 GiB together", "more");
            }
        }
        catch (PathTooLongException)
        {
            throw Refuse("", "paths that Linux takes", "one that is too long");
        }

        var trailer = new Entry(Trailer, 0, 0, 1, null, []);
        byte[] archive = new byte[length + trailer.ArchiveLength];
        Span<byte> room = archive;
        uint number = 0;
        foreach (Entry entry in entries)
            room = room[Write(room, entry, ++number)..];
        Write(room, trailer, 0);
        return archive;
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

    /// <summary>What an entry says of a file.</summary>
    private static Entry Describe(string name, FileSystemInfo file)
    {
        RequireText(name, "name", name);
        if (name == Trailer)
            throw Refuse(name, $"another name than {Trailer}, at which an archive ends", "this one");
        int rights = (int)file.UnixFileMode & AllRights;
        if (file.LinkTarget is { } target)
        {
            RequireText(name, "link's target", target);
            byte[] text = Encoding.UTF8.GetBytes(target);
            return new Entry(name, LinkKind | LinkRights, text.Length, 1, null, text);
        }

        if (file is FileInfo contents && OrdinaryFile.IsPlace(file.FullName))
            return new Entry(name, FileKind | rights, contents.Length, 1, file.FullName, []);
        return file is DirectoryInfo
            ? new Entry(name, FolderKind | rights, 0, 2, null, [])
            : throw Refuse(name, "a file, a folder or a link", "a device, a pipe or a socket");
    }

    /// <summary>Writes an entry into zeros.</summary>
    /// <returns>Its bytes, with the padding.</returns>
    private static int Write(Span<byte> room, Entry entry, uint number)
    {
        CpioEntry.Writer head = CpioEntry.Create(room);
        head.CIno = number;
        head.CMode = (uint)entry.Mode;
        head.CNlink = (uint)entry.Links;
        head.CFilesize = (uint)entry.Length;
        head.CNamesize = (uint)entry.NameLength;
        Encoding.UTF8.GetBytes(entry.Name, room[CpioEntry.Layout.Size..]);
        Span<byte> contents = room.Slice(entry.ContentsOffset, (int)entry.Length);
        entry.Text.CopyTo(contents);
        if (entry.File is { } path)
        {
            using FileStream file = OpenFile(path);
            if (file.ReadAtLeast(contents, contents.Length, throwOnEndOfStream: false) != contents.Length || file.ReadByte() >= 0)
                throw Refuse(entry.Name, "a file that stays as it is while it is read", "one that changes");
        }

        return (int)entry.ArchiveLength;
    }

    /// <summary>What is not UTF-8 comes from .NET with replacement characters, and would come out of the archive as another name.</summary>
    private static void RequireText(string name, string what, string text)
    {
        if (text.Contains('\ufffd', StringComparison.Ordinal))
            throw Refuse(name, $"a {what} in UTF-8", "other bytes");
    }

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static BootRequestException Refuse(string name, string expected, string found) =>
        new(BootErrorCode.NotAllowed, "initramfs", name, null, expected, found);

    /// <summary>An entry of the archive.</summary>
    /// <param name="Name">The path in it.</param>
    /// <param name="Mode">Kind and rights.</param>
    /// <param name="Length">Bytes of the contents.</param>
    /// <param name="Links">The number of links.</param>
    /// <param name="File">The file that has the contents; null if it is none.</param>
    /// <param name="Text">The contents of an entry that is no file.</param>
    private sealed record Entry(string Name, int Mode, long Length, int Links, string? File, byte[] Text)
    {
        /// <summary>Bytes of the name, its NUL counted.</summary>
        public int NameLength => Encoding.UTF8.GetByteCount(Name) + 1;

        /// <summary>Where the contents start.</summary>
        public int ContentsOffset => (CpioEntry.Layout.Size + NameLength + Alignment - 1) & -Alignment;

        /// <summary>Bytes of all of it, with the padding.</summary>
        public long ArchiveLength => (ContentsOffset + Length + Alignment - 1) & -Alignment;
    }
}
