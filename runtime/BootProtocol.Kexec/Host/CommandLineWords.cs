using System.Text;

namespace BootProtocol.Kexec.Host;

/// <summary>The words of a kernel's command line, with white space between; none divides what is in quotation marks (next_arg of lib/cmdline.c).</summary>
internal static class CommandLineWords
{
    /// <summary>A command line without some words.</summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="names">What stands before the = of those words.</param>
    public static string Without(string commandLine, IReadOnlyCollection<string> names) =>
        string.Join(' ', Split(commandLine).Where(word => !names.Contains(word.Split('=')[0].Trim('"'))));

    private static IEnumerable<string> Split(string text)
    {
        var word = new StringBuilder();
        bool isQuoted = false;
        foreach (char letter in text)
        {
            isQuoted ^= letter == '"';
            if (isQuoted || letter is not (' ' or (>= '\t' and <= '\r')))
            {
                word.Append(letter);
                continue;
            }

            if (word.Length > 0)
                yield return word.ToString();
            word.Clear();
        }

        if (word.Length > 0)
            yield return word.ToString();
    }
}
