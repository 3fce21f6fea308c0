namespace BootProtocol.Decompress;

/// <summary>How to decode a payload.</summary>
/// <example><code>
/// KernelPayload payload = image.FindPayload()!;
/// var options = new PayloadOptions { Workers = 1, Limits = new Limits { MaximumOutput = 64 &lt;&lt; 20 } };
/// using PayloadDecoder decoder = PayloadDecoder.Create(payload.Bytes, options);
/// Console.WriteLine(decoder.DecodeWhole().Length);
/// </code></example>
public sealed class PayloadOptions
{
    /// <summary>The defaults: a bzImage's payload, the default limits, all cores.</summary>
    public static PayloadOptions Default { get; } = new();

    /// <summary>What is known of the payload's last bytes; <see cref="PayloadEnd.SizeTrailer"/> unless set.</summary>
    public PayloadEnd End { get; init; }

    /// <summary>How much the payload may ask for.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>
    /// The most threads that may decode blocks at once, where a format has independent blocks: at least 1; all cores unless set.
    /// </summary>
    public int Workers
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = Environment.ProcessorCount;

    /// <summary>
    /// Gets the number of bytes decoded so far, after each block or MiB of output, on any of the workers' threads.
    /// </summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Ends the decoding with an <see cref="OperationCanceledException"/>, as soon as progress would be reported.</summary>
    public CancellationToken Cancellation { get; init; }
}
