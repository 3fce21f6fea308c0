using BootProtocol.Cli.Reports;
using BootProtocol.Kexec;

namespace BootProtocol.Cli.Kexec;

/// <summary>What is loaded, and what keeps kernels from being loaded.</summary>
/// <param name="IsLoaded">Whether a kernel is loaded that takes the running one's place.</param>
/// <param name="IsPanicLoaded">Whether one is loaded that runs when this one panics.</param>
/// <param name="CrashSize">Bytes that are set aside for that one.</param>
/// <param name="Obstacle">Why none can be loaded for a restart; null if it can.</param>
/// <param name="PanicObstacle">Why none can be loaded for a panic; null if it can.</param>
internal sealed record KexecStatus(bool IsLoaded, bool IsPanicLoaded, ulong CrashSize, string? Obstacle, string? PanicObstacle)
{
    private static readonly ReportColumn[] _columns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    /// <summary>Reads it.</summary>
    public static KexecStatus Read(KexecHost host) =>
        new(host.IsLoaded, host.IsPanicLoaded, host.CrashSize, ObstacleOf(host, KexecPurpose.Restart), ObstacleOf(host, KexecPurpose.Panic));

    /// <summary>For people.</summary>
    public Report ToReport()
    {
        List<string[]> rows =
        [
            ["restart", Word(IsLoaded)],
            ["panic", Word(IsPanicLoaded)],
            ["set aside for a panic", ByteSize.Format(CrashSize)],
        ];
        if (Obstacle is not null)
            rows.Add(["obstacle", Obstacle]);
        if (PanicObstacle is not null && PanicObstacle != Obstacle)
            rows.Add(["obstacle for a panic", PanicObstacle]);
        return new Report([new ReportTable(_columns, rows, HasHead: false)]);
    }

    /// <summary>For programs.</summary>
    public void Write(TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("loaded", IsLoaded);
        writer.WriteBoolean("panic_loaded", IsPanicLoaded);
        writer.WriteNumber("crash_size", CrashSize);
        writer.WriteString("obstacle", Obstacle);
        writer.WriteString("panic_obstacle", PanicObstacle);
        writer.WriteEndObject();
    });

    private static string Word(bool isLoaded) => isLoaded ? "a kernel is loaded" : "none is loaded";

    private static string? ObstacleOf(KexecHost host, KexecPurpose purpose)
    {
        try
        {
            host.Check(purpose);
            return null;
        }
        catch (KexecUnavailableException missing)
        {
            return missing.Message;
        }
    }
}
