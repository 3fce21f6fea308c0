namespace BootProtocol.Types;

/// <summary>A value of an enumeration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The value.</param>
/// <example><code>
/// if (KernelTypes.Read(kernel.Elf) is { } types &amp;&amp; types.TryFind("enum pid_type", out KernelType pids))
///     Console.WriteLine(string.Join(", ", pids.Values.Select(value =&gt; $"{value.Name} = {value.Value}")));
/// </code></example>
public readonly record struct KernelTypeValue(string Name, Int128 Value);
