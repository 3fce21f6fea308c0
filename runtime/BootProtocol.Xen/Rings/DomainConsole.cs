using BootProtocol.Xen.Domains;

namespace BootProtocol.Xen.Rings;

/// <summary>The other end of a domain's console.</summary>
/// <remarks>One thread may read and wait while another one writes. Source: Xen's public header io/console.h.</remarks>
/// <example><code>
/// using DomainConsole console = DomainConsole.Open(domain.Domain, domain.Console.Frame, domain.Console.Port);
/// byte[] output = new byte[2048];
/// int count = console.Read(output);                        // console.Wait waits until there is something to read
/// Console.WriteLine(Encoding.UTF8.GetString(output, 0, count));
/// console.Write("help\n"u8);
/// </code></example>
public sealed class DomainConsole : IDisposable
{
    private readonly RingPage _page;
    private readonly ByteRing _input;
    private readonly ByteRing _output;
    private int _isDisposed;

    private DomainConsole(RingPage page)
    {
        _page = page;
        _input = new ByteRing(page.Memory, ByteRingLayout.ConsoleInput);
        _output = new ByteRing(page.Memory, ByteRingLayout.ConsoleOutput);
    }

    /// <summary>Opens the console of a domain.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="frame">The frame of its console ring page: a machine frame, or a PVH domain's own.</param>
    /// <param name="port">The domain's event channel port for it.</param>
    /// <exception cref="XenException">The page cannot be mapped, or another program is at the port already.</exception>
    public static DomainConsole Open(XenDomain domain, Mfn frame, uint port)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return new DomainConsole(RingPage.Open(domain, "console", frame, port));
    }

    /// <summary>Takes what the guest has written.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <returns>How many bytes; 0 if there are none.</returns>
    /// <exception cref="BootFormatException">The guest's index is impossible.</exception>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public int Read(Span<byte> destination)
    {
        int count = Live._output.Read(destination);
        if (count > 0)
            _page.Notify();
        return count;
    }

    /// <summary>Gives the guest something to read.</summary>
    /// <param name="source">The bytes.</param>
    /// <returns>How many there was room for; 0 if the guest has not taken what it was given before.</returns>
    /// <exception cref="BootFormatException">The guest's index is impossible.</exception>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public int Write(ReadOnlySpan<byte> source)
    {
        int count = Live._input.Write(source);
        if (count > 0)
            _page.Notify();
        return count;
    }

    /// <summary>Waits until the guest has written or read something.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>Whether it has, in time.</returns>
    /// <exception cref="XenException">The event channel is gone.</exception>
    public bool Wait(TimeSpan timeout) => Live._page.Wait(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _page.Dispose();
    }

    private DomainConsole Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return this;
        }
    }
}
