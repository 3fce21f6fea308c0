namespace BootProtocol.Fuzz;

/// <summary>Keeps and prints an input that is being read for more than three seconds, while it is: whatever ends the program then, it is there.</summary>
internal static class SlowInputs
{
    private const int Longest = 3000; // milliseconds

    private static readonly Timer _timer = new(static _ => Look(), null, Longest, Longest / 8);
    private static volatile Reading? _reading;
    private static Reading? _printed; // by the timer alone

    /// <summary>An input is being read from now on.</summary>
    public static void Begin(Target target, byte[] input) => _reading = new Reading(target, input, Environment.TickCount64);

    /// <summary>It is read.</summary>
    public static void End() => _reading = null;

    private static void Look()
    {
        if (_reading is not { } reading || reading == _printed || Environment.TickCount64 - reading.Start <= Longest)
            return;
        _printed = reading;
        Console.Error.WriteLine($"{FindingException.Keep(reading.Target, reading.Input)}: takes more than three seconds");
    }

    private sealed record Reading(Target Target, byte[] Input, long Start);
}
