using System.Collections;
using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Kernels.Options;

/// <summary>The options that a Linux kernel was built with, as far as it says or proves them.</summary>
/// <remarks>
/// A kernel with <c>CONFIG_IKCONFIG</c> carries them all. Of others, functions, sections, notes and headers are witnesses of some: what only one
/// option brings along proves it, and what it always brings along proves by its absence that it is not built in. That was held against
/// kernels from Linux 5.10 to 7.3; a later one proves by what it has, and by nothing that it lacks.
/// </remarks>
/// <example><code>
/// KernelConfiguration configuration = KernelConfiguration.Read(kernel);
/// if (configuration.TryFind("VIRTIO_BLK", out KernelOption? disk))
///     Console.WriteLine($"{disk} ({disk.Witness ?? "its own configuration"})");
/// </code></example>
public sealed class KernelConfiguration : IReadOnlyList<KernelOption>
{
    private readonly ImmutableArray<KernelOption> _options;
    private readonly Dictionary<string, KernelOption> _byName;

    private KernelConfiguration(bool isComplete, IEnumerable<KernelOption> options)
    {
        IsComplete = isComplete;
        _options = [.. options];
        _byName = [];
        foreach (KernelOption option in _options)
            _byName[option.Name] = option;
    }

    /// <summary>Whether the kernel carries its configuration, so that an option that is missing here is off.</summary>
    public bool IsComplete { get; }

    /// <summary>The number of options.</summary>
    public int Count => _options.Length;

    /// <summary>An option; those of a kernel's own configuration in its order.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such option.</exception>
    public KernelOption this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _options[index];
        }
    }

    /// <summary>Reads the configuration of a kernel, or what proves it. This decodes the kernel to its end.</summary>
    /// <param name="kernel">The kernel. One that is no Linux has no options.</param>
    /// <exception cref="BootFormatException">The kernel cannot be decoded, or its configuration, headers, notes or symbols are broken.</exception>
    public static KernelConfiguration Read(Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Configuration is { } text
            ? new KernelConfiguration(true, Parse(Encoding.UTF8.GetString(text.Span)))
            : new KernelConfiguration(false, OptionWitnesses.Read(kernel));
    }

    /// <summary>Finds an option.</summary>
    /// <param name="name">Its name, without <c>CONFIG_</c>.</param>
    /// <param name="option">The option; null if nothing is known of it.</param>
    public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KernelOption? option) => _byName.TryGetValue(name, out option);

    /// <summary>Whether an option is built in, or has a value.</summary>
    /// <param name="name">Its name, without <c>CONFIG_</c>.</param>
    /// <returns>Null if nothing is known of it.</returns>
    public bool? IsBuiltIn(string name)
    {
        if (_byName.TryGetValue(name, out KernelOption? option))
            return option.State is KernelOptionState.BuiltIn or KernelOptionState.Value;
        return IsComplete ? false : null;
    }

    /// <inheritdoc/>
    public IEnumerator<KernelOption> GetEnumerator() => ((IEnumerable<KernelOption>)_options).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<KernelOption> Parse(string text)
    {
        const string Prefix = "CONFIG_";
        const string Off = " is not set";
        foreach (string line in text.Split('\n'))
        {
            string row = line.TrimEnd('\r');
            bool isOff = row.StartsWith($"# {Prefix}", StringComparison.Ordinal) && row.EndsWith(Off, StringComparison.Ordinal);
            int start = (isOff ? "# ".Length : 0) + Prefix.Length;
            int end = isOff ? row.Length - Off.Length : row.IndexOf('=');
            if (end <= start || !(isOff || row.StartsWith(Prefix, StringComparison.Ordinal)))
                continue;
            string value = isOff ? "" : row[(end + 1)..];
            KernelOptionState state = isOff ? KernelOptionState.NotSet
                : value switch { "y" => KernelOptionState.BuiltIn, "m" => KernelOptionState.Module, _ => KernelOptionState.Value };
            yield return new KernelOption(row[start..end], state, state == KernelOptionState.Value ? value : null, null);
        }
    }
}
