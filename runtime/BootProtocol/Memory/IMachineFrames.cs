namespace BootProtocol.Memory;

/// <summary>The machine frames behind a guest's pseudo-physical ones.</summary>
/// <example><code>
/// IMachineFrames frames = pv.Frames;
/// Console.WriteLine($"frame {pv.StackFrame} is machine frame {frames[pv.StackFrame]}");
/// </code></example>
public interface IMachineFrames
{
    /// <summary>The machine frame behind a frame of the guest.</summary>
    /// <param name="pfn">The guest's frame: below the number of frames that it has.</param>
    Mfn this[Pfn pfn] { get; }
}
