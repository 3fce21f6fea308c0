using System.Collections.Immutable;
using BootProtocol.Relocate;

namespace BootProtocol.Kexec;

/// <summary>How a kernel is to be started.</summary>
/// <example><code>
/// var options = new KexecOptions { CommandLine = "root=/dev/vda1 quiet", Kaslr = Kaslr.Random() };
/// Console.WriteLine($"{options.Purpose}: {options.CommandLine}");
/// </code></example>
public sealed record KexecOptions
{
    /// <summary>What it is loaded for.</summary>
    public KexecPurpose Purpose { get; init; }

    /// <summary>
    /// The command line; encoded as UTF-8, without a NUL. A kernel for panics gets <c>elfcorehdr=</c> before it, by which it finds the memory
    /// of the kernel before it.
    /// </summary>
    public string CommandLine { get; init; } = "";

    /// <summary>The initial ramdisks, as they are; several become one, in this order, each from a multiple of 4 bytes on.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Initrds { get; init; } = [];

    /// <summary>How much higher than linked the kernel runs.</summary>
    public Kaslr Kaslr { get; init; } = Kaslr.None;

    /// <summary>Whether the kernel decompresses itself after the restart, which takes that much longer, and chooses its own place.</summary>
    public bool DecompressInGuest { get; init; }
}
