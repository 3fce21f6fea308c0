using System.Text;

namespace BootProtocol.Symbols.Rust;

/// <summary>Names of Rust's functions and variables, as people write them.</summary>
/// <remarks>
/// Both ways in which rustc makes symbols are read: v0 (<c>_R...</c>), which kernels have, and the older one (<c>_ZN...17h...E</c>). Hashes of crates and
/// instances are left out. Time and memory are bounded for any name. Source: the Rust project's RFC 2603, and rustc's documentation of both.
/// </remarks>
/// <example><code>
/// Console.WriteLine(RustName.Demangle("_RNvNtCsbZfwWpAStWS_4core3num22from_ascii_radix_panic"));  // core::num::from_ascii_radix_panic
/// Console.WriteLine(RustName.Demangle("start_kernel"));                                          // start_kernel
/// </code></example>
public static class RustName
{
    /// <summary>Reads a symbol's name.</summary>
    /// <param name="name">The name. What a compiler or linker adds behind a dot stays behind the result.</param>
    /// <returns>What it stands for; the name itself if it is none of Rust's, or a broken one.</returns>
    public static string Demangle(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryDemangle(name, out string? text) ? text : name;
    }

    /// <summary>Reads a symbol's name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="text">What it stands for; null if it is none of Rust's, or a broken one.</param>
    public static bool TryDemangle(ReadOnlySpan<char> name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!name.StartsWith("_R") && !name.StartsWith("_ZN"))
            return false;
        var output = new StringBuilder();
        ReadOnlySpan<char> suffix;
        if (name.StartsWith("_R"))
        {
            int end = name.IndexOf('.');
            suffix = end < 0 ? default : name[end..];
            if (!V0Reader.TryRead(name["_R".Length..(end < 0 ? name.Length : end)], output))
                return false;
        }
        else if (!LegacyReader.TryRead(name["_ZN".Length..], output, out suffix))
        {
            return false;
        }

        text = output.Append(suffix).ToString();
        return true;
    }
}
