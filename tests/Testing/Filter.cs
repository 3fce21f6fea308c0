using System.Diagnostics;

namespace BootProtocol.Testing;

/// <summary>A program that reads standard input and writes standard output.</summary>
internal static partial class Filter
{
    /// <summary>Runs it.</summary>
    /// <param name="command">The program and its arguments, with single spaces between.</param>
    /// <param name="input">What it reads.</param>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static byte[] Run(string command, ReadOnlyMemory<byte> input)
    {
        string[] words = command.Split(' ');
        BeforeStart(words[0]);
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var writing = Task.Run(() =>
        {
            using Stream standardInput = process.StandardInput.BaseStream;
            standardInput.Write(input.Span);
        });
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command}: exit code {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
        writing.GetAwaiter().GetResult();
        return output.ToArray();
    }

    /// <summary>In a test, checks that it states what it needs.</summary>
    static partial void BeforeStart(string program);
}
