using BootProtocol.Specs;

namespace BootProtocol.Cli.Layouts;

/// <summary>Writes flags and enumerations as macros: C leaves the size of its own enumerations open.</summary>
internal static class CEnumeration
{
    /// <summary>Writes one, and the enumerations that its fields of bits hold, unless they were written before.</summary>
    /// <param name="enumeration">What to write.</param>
    /// <param name="written">The names of those written before.</param>
    /// <param name="output">Where to.</param>
    public static void Write(SpecEnumeration enumeration, HashSet<string> written, TextWriter output)
    {
        if (!written.Add(enumeration.Name))
            return;
        foreach (SpecEnumerator row in enumeration.Enumerators)
        {
            if (row.Enumeration is { } nested)
                Write(nested(), written, output);
        }

        output.Write($"\n/* {enumeration.Name}: {CName.Comment(enumeration.Doc)} */\n");
        string suffix = enumeration.Size == sizeof(ulong) ? "ull" : "u";
        foreach (SpecEnumerator row in enumeration.Enumerators)
        {
            string name = $"{enumeration.Name}_{row.Name}";
            output.Write($"#define {name} 0x{row.Value:x}{suffix} /* {CName.Comment(row.Doc)} */\n");
            if (row.IsBitField)
                output.Write($"#define {name}_shift {row.LowBit}\n");
        }
    }
}
