using System.Globalization;

namespace BootProtocol.Cli;

/// <summary>What the environment says about the terminal.</summary>
internal static class TerminalRules
{
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 24;

    /// <summary>Whether the terminal shows plain text only.</summary>
    public static bool IsDumb(Func<string, string?> environment) => environment("TERM") == "dumb";

    /// <summary>Whether the environment allows colours: NO_COLOR is not set to anything, and the terminal is not a dumb one.</summary>
    public static bool AllowsColors(Func<string, string?> environment) =>
        string.IsNullOrEmpty(environment("NO_COLOR")) && !IsDumb(environment);

    /// <summary>Whether the terminal may not take other characters than ASCII: it is a dumb one, or the locale's characters are not UTF-8.</summary>
    public static bool IsAscii(Func<string, string?> environment)
    {
        string? locale = Array.Find(["LC_ALL", "LC_CTYPE", "LANG"], name => !string.IsNullOrEmpty(environment(name)));
        string characters = (locale is null ? "" : environment(locale)!).Replace("-", "", StringComparison.Ordinal);
        return IsDumb(environment) || !characters.Contains("utf8", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The command that shows what is longer than the terminal; null for none.</summary>
    public static string? Pager(Func<string, string?> environment)
    {
        string command = (environment("BOOTPROTO_PAGER") ?? environment("PAGER") ?? PagerProcess.Default).Trim();
        return IsDumb(environment) || command is "" or "cat" ? null : command;
    }

    /// <summary>The size of the terminal that standard output is.</summary>
    public static (int Width, int Height) Window(Func<string, string?> environment)
    {
        (int width, int height) = OperatingSystem.IsLinux() ? TerminalWindow.Read() : (Console.WindowWidth, Console.WindowHeight);
        return (width > 0 ? width : Number(environment("COLUMNS"), DefaultWidth), height > 0 ? height : Number(environment("LINES"), DefaultHeight));
    }

    private static int Number(string? text, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : otherwise;
}
