namespace BootProtocol.Specs;

/// <summary>A value that was read by a spec's tables. What it is, its class says; <see cref="ToString"/> spells it out in one line.</summary>
/// <example><code>
/// SpecValue? value = image.DescribeSetupHeader().Find("version")?.Value;
/// Console.WriteLine(value switch
/// {
///     SpecVersionValue version =&gt; $"version {version.Version}",
///     SpecNumber number =&gt; $"number {number.Bits}",
///     _ =&gt; value?.ToString(),
/// });
/// </code></example>
public abstract class SpecValue
{
    private protected SpecValue()
    {
    }

    /// <summary>The value in one line of printable characters.</summary>
    public abstract override string ToString();
}
