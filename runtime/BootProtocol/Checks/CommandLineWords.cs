namespace BootProtocol.Checks;

/// <summary>Splits a command line as the kernel does.</summary>
/// <remarks>Source: next_arg in lib/cmdline.c and parse_args in kernel/params.c of Linux.</remarks>
internal static class CommandLineWords
{
    /// <summary>The words up to the one that gives the rest to the first process, without the quotes around a word or its value.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        int at = 0;
        while (TryRead(line, ref at, out string word) && word != "--")
            words.Add(word);
        return words;
    }

    private static bool TryRead(string line, ref int at, out string word)
    {
        while (at < line.Length && IsSpace(line[at]))
            at++;
        int start = at;
        bool isQuoted = false;
        for (; at < line.Length && (isQuoted || !IsSpace(line[at])); at++)
            isQuoted ^= line[at] == '"';
        word = Unquoted(line[start..at]);
        return at > start;
    }

    /// <summary>Quotes are taken off in front of a word or of its value, and at the end; others stay.</summary>
    private static string Unquoted(string word)
    {
        if (word.StartsWith('"'))
            return word.EndsWith('"') && word.Length > 1 ? word[1..^1] : word[1..];
        int value = word.IndexOf('=', StringComparison.Ordinal) + 1;
        if (value == 0 || value == word.Length || word[value] != '"')
            return word;
        int end = word.Length > value + 1 && word.EndsWith('"') ? word.Length - 1 : word.Length;
        return string.Concat(word.AsSpan(0, value), word.AsSpan(value + 1, end - value - 1));
    }

    /// <summary>What the kernel takes for white space: of ASCII, and the no-break space of ISO 8859-1.</summary>
    private static bool IsSpace(char letter) => letter is ' ' or (>= '\t' and <= '\r') or '\u00a0';
}
