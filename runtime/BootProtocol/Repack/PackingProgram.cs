using System.ComponentModel;
using System.Diagnostics;
using BootProtocol.Output;

namespace BootProtocol.Repack;

/// <summary>A program that packs standard input to standard output.</summary>
internal static class PackingProgram
{
    private const int PieceLength = 1 << 16;

    /// <summary>Environment variables in which these programs look for more options.</summary>
    private static readonly string[] _options = ["XZ_OPT", "XZ_DEFAULTS", "LZOP", "GZIP", "BZIP2", "BZIP"];

    /// <summary>The method that runs it.</summary>
    /// <param name="program">The program's name; it is looked for in the folders of <c>PATH</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    public static PackingMethod Method(string program, params string[] arguments) => new(
        string.Join(' ', arguments.Where(static argument => argument is not ("-c" or "-q" or "-T1")).Prepend(program)),
        (bytes, output, cancellation) => Run(program, arguments, bytes, output, cancellation));

    private static void Run(string program, string[] arguments, ReadOnlyMemory<byte> bytes, Stream output, CancellationToken cancellation)
    {
        using Process process = Start(program, arguments);
        using CancellationTokenRegistration kill = cancellation.Register(() => End(process));
        Task feeding = Task.Run(() => Feed(process, bytes), CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            Take(program, process.StandardOutput.BaseStream, output, 2L * bytes.Length + PieceLength);
        }
        catch
        {
            End(process);
            throw;
        }
        finally
        {
            feeding.GetAwaiter().GetResult();
            process.WaitForExit();
        }

        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode == 0)
            return;
        string reason = errors.GetAwaiter().GetResult().Trim().Split('\n')[0];
        throw new PackerUnavailableException(
            FormattableString.Invariant($"{program} ended with {process.ExitCode}") + (reason.Length == 0 ? "" : $": {reason}"));
    }

    /// <summary>Takes what it writes, up to more than any packer makes of what it was given.</summary>
    private static void Take(string program, Stream packed, Stream output, long limit)
    {
        byte[] piece = new byte[PieceLength];
        while (packed.Read(piece) is > 0 and var length)
        {
            output.Write(piece.AsSpan(0, length));
            if (output.Length > limit)
                throw new PackerUnavailableException($"{program} writes more than twice what it was given");
        }
    }

    private static Process Start(string program, string[] arguments)
    {
        string path = ProgramFile.Find(program) ?? throw new PackerUnavailableException(
            $"the program {program}, which packs such kernels, is not on this machine");
        var start = new ProcessStartInfo(path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (string name in _options)
            start.Environment.Remove(name);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new PackerUnavailableException($"the program {path}, which packs such kernels, cannot be run", exception);
        }
    }

    private static void Feed(Process process, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using Stream input = process.StandardInput.BaseStream;
            input.Write(bytes.Span);
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit code says so.
        }
    }

    private static void End(Process process)
    {
        try
        {
            // What it has started itself may hold the pipes open.
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
