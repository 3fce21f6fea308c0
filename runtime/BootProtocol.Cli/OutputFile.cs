using System.Globalization;
using BootProtocol.Output;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Cli;

/// <summary>Writes files that appear whole or not at all; devices and pipes are written where they are.</summary>
internal static class OutputFile
{
    private const string StandardOutput = "/dev/stdout";
    private const string StandardError = "/dev/stderr";

    /// <summary>Where the numbers of this process's open files are names.</summary>
    private static readonly string[] _descriptors = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>Writes a file, in place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes all its bytes, front to back.</param>
    /// <param name="length">How many these are; 0 if that is not known.</param>
    /// <exception cref="ToolException">It cannot be written, or was interrupted; what was there before still is.</exception>
    public static void Write(string path, Action<Stream> write, long length = 0) => Guard(path, () =>
    {
        // What went into a pipe cannot be taken back: a signal may end the process as ever, also one that waits for the reader.
        if (OpenInPlace(path) is { } place)
        {
            using (place)
                write(place);
            return;
        }

        Interruption.During(interruption =>
        {
            using var files = new OutputFiles();
            using (WrittenFile stream = files.Create(path, length))
            using (var interruptible = new InterruptibleStream(stream, interruption.Token))
                write(interruptible);
            interruption.Token.ThrowIfCancellationRequested();
            files.Commit();
        });
    });

    /// <summary>Whether it is what everything else is printed to, which has to be left out then.</summary>
    public static bool IsStandardOutput(string? path) => path is not null && Descriptor(path) == 1;

    /// <summary>Whether it is written where it is, and is no file that could be lost: a device, a pipe, or what is open already.</summary>
    public static bool IsInPlace(string path) => Descriptor(path) is not null || !OrdinaryFile.IsPlace(path);

    /// <summary>Runs something that writes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">What writes it.</param>
    /// <exception cref="ToolException">It cannot be written; the line says why.</exception>
    public static void Guard(string path, Action write)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ToolException(ExitCode.Usage, "a file to write needs a name");
        if (Descriptor(path) is null && Directory.Exists(path))
            throw new ToolException(ExitCode.BadInput, $"{path}: is a directory, expected a file to write");
        try
        {
            write();
        }
        catch (UnauthorizedAccessException)
        {
            throw new ToolException(ExitCode.BadInput, $"{path}: may not be written by this user");
        }
        catch (IOException exception)
        {
            // The name behind the reason may be that of the file that would have come to its place.
            int name = exception.Message.IndexOf(" : '", StringComparison.Ordinal);
            string reason = exception switch
            {
                DirectoryNotFoundException => "there is no such folder",
                PathTooLongException => "the name is too long",
                _ => name < 0 ? exception.Message : exception.Message[..name],
            };
            throw new ToolException(ExitCode.BadInput, $"{path}: cannot be written: {reason}");
        }
    }

    /// <summary>Opens what is no file, and what this process has open already; null for a file.</summary>
    private static Stream? OpenInPlace(string path)
    {
        if (Descriptor(path) is { } descriptor)
        {
            return descriptor switch
            {
                1 => StandardStream.OpenOutput(),
                2 => StandardStream.OpenError(),
                _ => new WrittenFile(new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0)),
            };
        }

        return OrdinaryFile.IsPlace(path) ? null : new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    private static int? Descriptor(string path)
    {
        switch (path)
        {
            case InputFile.Standard or StandardOutput:
                return 1;
            case StandardError:
                return 2;
        }

        string? prefix = Array.Find(_descriptors, known => path.StartsWith(known, StringComparison.Ordinal));
        return prefix is not null && int.TryParse(path[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
    }
}
