using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>What booted, printed when the tests that fill it are over.</summary>
public sealed class BootTable : IDisposable
{
    private readonly ConcurrentBag<(string Kernel, string Way, string Text)> _boots = [];

    /// <summary>Adds a boot that reached user space, or a way that there is not.</summary>
    public void Add(string kernel, string way, string text) => _boots.Add((kernel, way, text));

    public void Dispose()
    {
        var table = new StringBuilder("What 'bootproto run' boots\n");
        foreach ((string kernel, string way, string text) in _boots.Order())
            table.Append(CultureInfo.InvariantCulture, $"  {kernel,-21} {way,-8} {text}\n");
        Console.Write(table);
    }
}
