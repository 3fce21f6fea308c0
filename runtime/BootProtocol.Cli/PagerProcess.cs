using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using BootProtocol.Cli.Reports;
using BootProtocol.Output;

namespace BootProtocol.Cli;

/// <summary>Shows text by another program, as git does it.</summary>
internal static class PagerProcess
{
    /// <summary>The program if nobody wants another.</summary>
    public const string Default = "less";

    private const int NotFound = 127;
    private const int NotExecutable = 126;

    private static readonly SearchValues<char> _shellCharacters = SearchValues.Create("|&;<>()$`\\\"' \t\n*?[#~=%{}");

    /// <summary>What such programs are to do unless the environment says so already: show colours, end at once if all fits, leave the text there.</summary>
    private static readonly (string Name, string Value)[] _environment = [("LESS", "FRX"), ("LV", "-c")];

    /// <summary>Whether a text takes more lines than a terminal has, the prompt behind it included.</summary>
    public static bool IsLonger(string text, int width, int height)
    {
        int lines = 0;
        foreach (string line in text.Split('\n'))
        {
            lines += Math.Max(1, (PlainWidth(line) + width - 1) / width);
            if (lines > height)
                return true;
        }

        return false;
    }

    /// <summary>Shows a text, and waits until it was seen.</summary>
    /// <param name="text">The text.</param>
    /// <param name="command">The command, as a shell takes it.</param>
    /// <returns>False if there is no such program: nothing was shown then.</returns>
    public static bool TryShow(string text, string command)
    {
        bool isPlain = !command.AsSpan().ContainsAny(_shellCharacters);
        if (ProgramFile.Find(isPlain ? command : "sh") is not { } program)
            return false;
        var start = new ProcessStartInfo(program, isPlain ? [] : ["-c", command])
        {
            RedirectStandardInput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach ((string name, string value) in _environment)
            start.Environment.TryAdd(name, value);

        // Ctrl-C is for the program that has the terminal now.
        using PosixSignalRegistration held = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
        try
        {
            using Process process = Process.Start(start)!;
            ToolConsole.Try(() =>
            {
                using StreamWriter input = process.StandardInput;
                input.Write(text);
            });
            process.WaitForExit();
            return process.ExitCode is not (NotFound or NotExecutable);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static int PlainWidth(string line)
    {
        if (!line.Contains('\u001b', StringComparison.Ordinal))
            return TextWidth.Of(line);
        var plain = new StringBuilder(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] != '\u001b')
                plain.Append(line[i]);
            else
                i = Math.Max(i, line.IndexOf('m', i));
        }

        return TextWidth.Of(plain.ToString());
    }
}
