using System.Globalization;
using System.Text;
using BootProtocol.Symbols;

namespace BootProtocol.Kernels.Options;

/// <summary>What proves the options of a kernel that does not carry its configuration.</summary>
internal static class OptionWitnesses
{
    /// <summary>The longest name of a function that is a witness, with room to spare.</summary>
    private const int MaximumName = 128;

    /// <summary>What stands in front of a system call's name, by processor and version.</summary>
    private static readonly string[] _callPrefixes = ["__x64_sys_", "__ia32_sys_", "sys_"];

    private static readonly HashSet<string> _names = FindNames();

    /// <summary>Reads what a kernel proves, by the names of options.</summary>
    public static IEnumerable<KernelOption> Read(Kernel kernel)
    {
        if (!kernel.IsElf || VersionOf(kernel.Banner) is not { } version)
            return [];
        List<KernelOption> found = [.. HeaderWitnesses.OfKernel(kernel, version), .. HeaderWitnesses.OfImage(kernel.Payload, kernel.Elf.Word, version)];
        if (kernel.Symbols is { } symbols)
            found.AddRange(OfSymbols(symbols, version));
        return found.OrderBy(static option => option.Name, StringComparer.Ordinal);
    }

    /// <summary>The version in "Linux version 6.1.0-57-cloud-amd64 (...)"; null if there is none.</summary>
    private static int? VersionOf(string? banner)
    {
        string[] parts = banner?["Linux version ".Length..].Split('.', '-', '+', ' ') ?? [];
        return parts.Length > 1 && byte.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            && byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out byte minor)
            ? OptionWitness.Linux(major, minor)
            : null;
    }

    private static IEnumerable<KernelOption> OfSymbols(KernelSymbols symbols, int version)
    {
        HashSet<string> functions = FindFunctions(symbols, out bool hasRust);
        yield return new KernelOption("KALLSYMS", KernelOptionState.BuiltIn, null, "table of symbols");
        bool hasData = symbols.TryFind("linux_banner", out _);
        string data = hasData ? "symbol linux_banner" : "no symbol linux_banner";
        yield return new KernelOption("KALLSYMS_ALL", hasData ? KernelOptionState.BuiltIn : KernelOptionState.NotBuiltIn, null, data);
        if (hasRust)
            yield return new KernelOption("RUST", KernelOptionState.BuiltIn, null, "function of Rust");
        else if (version is >= OptionWitness.First and <= OptionWitness.Newest)
            yield return new KernelOption("RUST", KernelOptionState.NotBuiltIn, null, "no function of Rust");
        foreach (OptionWitness witness in FunctionWitnesses.Functions)
        {
            if (Judge(witness, witness.Names.Split(' '), functions, version, "function") is { } option)
                yield return option;
        }

        foreach (OptionWitness witness in FunctionWitnesses.SystemCalls)
        {
            if (Judge(witness, CallNames(witness), functions, version, "system call") is { } option)
                yield return option;
        }
    }

    private static KernelOption? Judge(OptionWitness witness, string[] names, HashSet<string> functions, int version, string what)
    {
        if (!witness.IsFor(version))
            return null;
        if (Array.Find(names, functions.Contains) is { } name)
            return new KernelOption(witness.Option, KernelOptionState.BuiltIn, null, $"{what} {name}");
        return version <= OptionWitness.Newest
            ? new KernelOption(witness.Option, KernelOptionState.NotBuiltIn, null, $"no {what} {string.Join(", ", witness.Names.Split(' '))}")
            : null;
    }

    /// <summary>
    /// The witnesses among the functions of a kernel. A weak one is no witness: another function may stand behind it, or none. What a compiler adds to
    /// the name of a function that it changed stands behind a dot.
    /// </summary>
    private static HashSet<string> FindFunctions(KernelSymbols symbols, out bool hasRust)
    {
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        HashSet<string> found = [];
        Span<char> text = stackalloc char[MaximumName];
        hasRust = false;
        foreach (KernelSymbol symbol in symbols)
        {
            ReadOnlySpan<byte> bytes = symbol.NameBytes;
            if (symbol.Kind is not ('t' or 'T'))
                continue;
            hasRust |= bytes.StartsWith("_RNv"u8) || bytes.StartsWith("_RINv"u8);
            int end = bytes.IndexOf((byte)'.') is var dot and > 0 ? dot : bytes.Length;
            if (end > MaximumName)
                continue;
            int length = Encoding.Latin1.GetChars(bytes[..end], text);
            if (names.TryGetValue(text[..length], out string? name))
                _ = found.Add(name);
        }

        return found;
    }

    private static string[] CallNames(OptionWitness witness) => [.. _callPrefixes.Select(prefix => prefix + witness.Names)];

    private static HashSet<string> FindNames() =>
    [
        .. FunctionWitnesses.Functions.SelectMany(static witness => witness.Names.Split(' ')),
        .. FunctionWitnesses.SystemCalls.SelectMany(CallNames),
    ];
}
