using System.Globalization;

namespace BootProtocol.Cli;

/// <summary>Shows on a terminal how far the decoding is, once it has lasted half a second; the line is gone afterwards.</summary>
internal sealed class ProgressBar : IProgress<long>, IDisposable
{
    private const int Cells = 30;
    private const int Mebibyte = 1 << 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(0.1);

    private readonly ToolConsole _console;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _gate = new();
    private long? _total;
    private long _most;
    private long _lastDrawn;
    private int _width;

    /// <summary>Starts to measure.</summary>
    /// <param name="console">Where it is drawn, if that is a terminal.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ProgressBar(ToolConsole console, TimeProvider? time = null)
    {
        _console = console;
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
    }

    /// <summary>The bytes that there are in all; null while that is not known.</summary>
    public long? Total
    {
        set => _total = value;
    }

    /// <inheritdoc/>
    public void Report(long value)
    {
        if (!_console.HasProgress)
            return;
        lock (_gate)
        {
            // Threads report as they come: the bar does not go back.
            _most = Math.Max(_most, value);
            if (_time.GetElapsedTime(_start) < _patience || (_width > 0 && _time.GetElapsedTime(_lastDrawn) < _pause))
                return;
            _lastDrawn = _time.GetTimestamp();
            Draw();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_width > 0)
                _console.Error.Write($"\r{new string(' ', _width)}\r");
            _width = 0;
        }
    }

    private void Draw()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"decompressing: {_most / Mebibyte} MiB");
        if (_total is { } total and > 0)
        {
            int full = (int)Math.Min(Cells, _most * Cells / total);
            string bar = new string('#', full).PadRight(Cells, '.');
            text = string.Create(CultureInfo.InvariantCulture, $"decompressing [{bar}] {Math.Min(100, _most * 100 / total)} %");
        }

        _console.Error.Write($"\r{text.PadRight(_width)}");
        _width = Math.Max(_width, text.Length);
    }
}
