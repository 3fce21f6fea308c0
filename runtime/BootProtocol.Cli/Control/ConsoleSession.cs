using System.Runtime.InteropServices;
using System.Text;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Cli.Control;

/// <summary>A person, or a script, at the console of a domain: until the domain ends, or this process is interrupted.</summary>
internal static class ConsoleSession
{
    private const int PieceSize = 2048;

    /// <summary>How soon a domain's end or an interruption is noticed.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a session.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="place">Its console.</param>
    /// <param name="output">Where what it writes goes.</param>
    public static void Run(XenDomain domain, RingPlace place, ToolConsole output)
    {
        using var end = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using DomainConsole console = DomainConsole.Open(domain, place.Frame, place.Port);

        // It may be waiting for a key when the session ends, which nothing but the process's end can stop: it holds nothing up.
        var typing = new Thread(() => PassInput(console, end.Token)) { IsBackground = true };
        typing.Start();
        PassOutput(domain, console, output.Output, end.Token);
        end.Cancel();
    }

    private static void PassOutput(XenDomain domain, DomainConsole console, TextWriter output, CancellationToken end)
    {
        Decoder decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = new byte[PieceSize];
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(PieceSize)];
        bool isOver = false;
        while (!isOver && !end.IsCancellationRequested)
        {
            // Whatever it wrote before its end is read after the end was seen.
            isOver = !console.Wait(_tick) && DomainWatch.HasEnded(domain);
            while (console.Read(bytes) is > 0 and var count)
                output.Write(characters, 0, decoder.GetChars(bytes, 0, count, characters, 0));
            output.Flush();
        }
    }

    private static void PassInput(DomainConsole console, CancellationToken end)
    {
        using Stream input = Console.OpenStandardInput();
        byte[] bytes = new byte[PieceSize];
        while (!end.IsCancellationRequested && input.Read(bytes) is > 0 and var count)
        {
            for (int at = 0; at < count && !end.IsCancellationRequested;)
            {
                int done = console.Write(bytes.AsSpan(at, count - at));
                at += done;
                if (done == 0)
                    end.WaitHandle.WaitOne(_tick);
            }
        }
    }
}
