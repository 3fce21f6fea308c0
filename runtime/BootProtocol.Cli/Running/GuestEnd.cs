namespace BootProtocol.Cli.Running;

/// <summary>How a guest ended, as QEMU says it.</summary>
/// <param name="Reason">One of the constants here, or another of QEMU's (ShutdownCause in qapi/run-state.json).</param>
/// <param name="Processor">Where its processor was; null if it is not to be had.</param>
internal sealed record GuestEnd(string Reason, ProcessorState? Processor)
{
    /// <summary>It switched itself off.</summary>
    public const string Shutdown = "guest-shutdown";

    /// <summary>It reset the machine, or its processor could handle nothing more.</summary>
    public const string Reset = "guest-reset";

    /// <summary>It said by a device for that purpose that it cannot go on.</summary>
    public const string Panic = "guest-panic";

    /// <summary>What executes it could not go on; this is a state of the machine, and no cause of QEMU's.</summary>
    public const string InternalError = "internal-error";

    /// <summary>Judges it.</summary>
    /// <param name="hasTripleFault">Whether a processor could handle nothing more; null if that is not known.</param>
    /// <returns>A line about a reset; null for a guest that switched itself off.</returns>
    /// <exception cref="ToolException">It died.</exception>
    public string? Judge(bool? hasTripleFault)
    {
        string place = Processor is null ? "" : $": {Processor}";
        switch (Reason)
        {
            case Panic:
                throw new ToolException(ExitCode.BadInput, $"the guest reported that it cannot go on{place}");
            case InternalError:
                throw new ToolException(ExitCode.BadInput, $"the guest did what it cannot be executed for{place}");
            case Reset when hasTripleFault == true && Processor?.IsWanted != true:
                throw new ToolException(ExitCode.BadInput, $"the guest died of a triple fault{place}");
            case Reset when hasTripleFault is null && Processor?.IsWanted != true:
                return $"the guest reset itself, or died of a triple fault{place}";
            case Reset:
                return "the guest reset itself";
            default:
                return null;
        }
    }
}
