using System.Text;
using System.Text.RegularExpressions;
using BootProtocol.Cli.Building;
using BootProtocol.Symbols;
using BootProtocol.Symbols.Rust;

namespace BootProtocol.Cli.SymbolLists;

/// <summary>Which symbols are asked for.</summary>
/// <param name="Pattern">What names have to match; null for all.</param>
/// <param name="Address">The address that belongs to it; null for all.</param>
/// <param name="IsDemangled">Whether names of Rust have to match as people write them.</param>
internal sealed record SymbolFilter(Regex? Pattern, ulong? Address, bool IsDemangled)
{
    /// <summary>Reads the values of the options.</summary>
    /// <param name="pattern">A regular expression; null for none.</param>
    /// <param name="address">An address; null for none.</param>
    /// <param name="isDemangled">Whether names of Rust are shown as people write them.</param>
    /// <exception cref="ToolException">One is none, or both are given.</exception>
    public static SymbolFilter Parse(string? pattern, string? address, bool isDemangled)
    {
        if (pattern is not null && address is not null)
            throw new ToolException(ExitCode.Usage, "--grep and --at exclude each other; see 'bootproto symbols --help'");
        try
        {
            // Without going back, the time is bounded whatever the pattern and the names are.
            Regex? expression = pattern is null ? null : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return new SymbolFilter(expression, address is null ? null : DomainValues.Address("--at", address), isDemangled);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new ToolException(ExitCode.Usage, $"--grep: expected a regular expression without references back, found '{pattern}'");
        }
    }

    /// <summary>The symbols, in the order of addresses.</summary>
    /// <exception cref="ToolException">No symbol has the address.</exception>
    public IEnumerable<KernelSymbol> Of(KernelSymbols symbols)
    {
        if (Address is not { } address)
            return Pattern is null ? symbols : symbols.Where(IsMatch);
        return symbols.TryFindAt(new Vaddr(address), out KernelSymbol symbol)
            ? [symbol]
            : throw new ToolException(ExitCode.BadInput, $"no symbol has the address 0x{address:x}: the first is at {symbols[0].Address}");
    }

    private bool IsMatch(KernelSymbol symbol)
    {
        ReadOnlySpan<byte> name = symbol.NameBytes;
        Span<char> text = name.Length <= 1024 ? stackalloc char[name.Length] : new char[name.Length];
        ReadOnlySpan<char> mangled = text[..Encoding.UTF8.GetChars(name, text)];
        return Pattern!.IsMatch(IsDemangled && RustName.TryDemangle(mangled, out string? demangled) ? demangled : mangled);
    }
}
