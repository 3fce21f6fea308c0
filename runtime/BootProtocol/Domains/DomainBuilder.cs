using System.Collections.Immutable;
using System.Text;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;

namespace BootProtocol.Domains;

/// <summary>What every way to start a kernel needs.</summary>
/// <example><code>
/// DomainBuilder builder = new PvhBuilder { MemorySize = 128 &lt;&lt; 20, CommandLine = "console=ttyS0", Kaslr = Kaslr.None };
/// Console.WriteLine($"{ByteSize.Format(builder.MemorySize)}, {builder.CommandLine}, {builder.Initrds.Length} ramdisks");
/// </code></example>
public abstract class DomainBuilder
{
    private protected DomainBuilder()
    {
    }

    /// <summary>Bytes of memory that the guest gets: whole pages, the rest is cut off.</summary>
    public required ulong MemorySize { get; init; }

    /// <summary>The command line; encoded as UTF-8, without a NUL.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>The initial ramdisks, as they are; several become one, in this order, each from a multiple of 4 bytes on.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Initrds { get; init; } = [];

    /// <summary>How much higher than linked the kernel shall run.</summary>
    public Kaslr Kaslr { get; init; } = Kaslr.None;

    /// <summary>Memory to build the domain in, which takes it over; null for memory of this process.</summary>
    public GuestMemory? Target { get; init; }

    /// <summary>The command line's bytes, without the NUL at its end.</summary>
    /// <exception cref="BootException">It has a NUL.</exception>
    private protected byte[] EncodeCommandLine() => Encode("command line", CommandLine);

    /// <summary>A text's bytes, without the NUL at its end.</summary>
    /// <param name="name">What it is; an error names it.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="BootException">It has a NUL.</exception>
    private protected static byte[] Encode(string name, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new BootRequestException(BootErrorCode.NotAllowed, name, "", text.IndexOf('\0', StringComparison.Ordinal), "no NUL", "one");
        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Bytes of all initial ramdisks together.</summary>
    private protected long InitrdLength
    {
        get
        {
            long length = 0;
            foreach (ReadOnlyMemory<byte> initrd in Initrds)
                length = AlignInitrd(length) + initrd.Length;
            return length;
        }
    }

    /// <summary>Copies all initial ramdisks.</summary>
    private protected void CopyInitrds(Span<byte> destination)
    {
        long at = 0;
        foreach (ReadOnlyMemory<byte> initrd in Initrds)
        {
            at = AlignInitrd(at);
            initrd.Span.CopyTo(destination[(int)at..]);
            at += initrd.Length;
        }
    }

    /// <summary>Builds in the target memory; if that fails, nothing of it is left.</summary>
    private protected TDomain BuildIn<TDomain>(Kernel kernel, Func<Kernel, GuestMemory, TDomain> build)
        where TDomain : Domain
    {
        ArgumentNullException.ThrowIfNull(kernel);
        GuestMemory memory = Target ?? GuestMemory.Allocate();
        try
        {
            return build(kernel, memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    // Linux unpacks joined archives one after the other, and looks for the next one at a multiple of four.
    private static long AlignInitrd(long length) => (length + 3) & ~3L;
}
