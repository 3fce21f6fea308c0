using System.Diagnostics;

namespace BootProtocol.Xen.Devices;

/// <summary>A wait that has an end.</summary>
/// <param name="patience">The longest wait, from now on.</param>
internal readonly struct TimeLimit(TimeSpan patience)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>How long one piece of the wait takes: so soon a cancellation is noticed.</summary>
    public static TimeSpan Tick { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the end has come.</summary>
    public bool IsOver => Stopwatch.GetElapsedTime(_start) >= patience;
}
