using System.Diagnostics;
using System.Text;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>A virtual machine of QEMU, emulated by software: what its guest prints on the serial port, until it switches off.</summary>
internal sealed record Machine
{
    private const string Program = "qemu-system-x86_64";

    /// <summary>The exit status of QEMU where the guest switched off by itself, in the ordinary way.</summary>
    public const int SwitchedOff = 0;

    /// <summary>QEMU's machine, with its options.</summary>
    public required string Type { get; init; }

    /// <summary>What QEMU loads: an ELF file with a PVH note, or a bzImage; null where firmware finds what it starts.</summary>
    public required string? Kernel { get; init; }

    /// <summary>The size of the memory, in MiB.</summary>
    public int Memory { get; init; } = 64;

    /// <summary>The processor, if not QEMU's default.</summary>
    public string? Processor { get; init; }

    public string? CommandLine { get; init; }

    public string? Initrd { get; init; }

    /// <summary>More arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>A text at which the guest has done what it was for: the machine is switched off then.</summary>
    public string? EndMark { get; init; }

    /// <summary>How long the guest may take, of which nothing is left only where it hangs: others may need the computer meanwhile.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Arguments with which Linux boots in every microvm. It has no clock but the PIT by which to measure the processor's; emulated on a
    /// loaded computer that fails now and then, and Linux waits for ever. Counted instructions as time make the PIT and the processor agree.
    /// The guest cannot restart such a machine: it needs an end mark.
    /// </summary>
    public static IReadOnlyList<string> ForLinux(string type) =>
        type.StartsWith("microvm", StringComparison.Ordinal) ? ["-icount", "shift=3"] : [];

    /// <summary>Runs the machine until the guest switches it off.</summary>
    public async Task<MachineRun> RunAsync()
    {
        NeedsAttribute.Check(Need.Qemu, Program);
        using Process process = Start();
        using var limit = new CancellationTokenSource(Timeout);
        Task<string> output = ReadAsync(process);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool timedOut = false;
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            timedOut = true;
            process.Kill(); // this process alone: others on this computer may run machines, too
            await process.WaitForExitAsync(CancellationToken.None);
        }

        var run = new MachineRun(this, process.ExitCode, await output, await errors);
        Assert.False(timedOut, $"The guest did not switch off within {Timeout.TotalSeconds} s.\n{run}");
        return run;
    }

    private async Task<string> ReadAsync(Process process)
    {
        // Line by line, a last line without its end would get one.
        if (EndMark is null)
            return await process.StandardOutput.ReadToEndAsync();
        var output = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.Append(line).Append('\n');
            if (line.Contains(EndMark, StringComparison.Ordinal))
                process.Kill();
        }

        return output.ToString();
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1, // firmware may print anything
        };
        foreach (string argument in AllArguments())
            start.ArgumentList.Add(argument);
        try
        {
            Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"{Program} cannot be started: tests/run.sh installs what the tests need.", missing);
        }
    }

    private IEnumerable<string> AllArguments()
    {
        string[] always = ["-accel", "tcg", "-M", Type, "-m", $"{Memory}", "-nographic", "-nic", "none", "-no-reboot"];
        foreach (string argument in always)
            yield return argument;
        if (Kernel is not null)
        {
            yield return "-kernel";
            yield return Kernel;
        }

        if (Processor is not null)
        {
            yield return "-cpu";
            yield return Processor;
        }

        if (CommandLine is not null)
        {
            yield return "-append";
            yield return CommandLine;
        }

        if (Initrd is not null)
        {
            yield return "-initrd";
            yield return Initrd;
        }

        foreach (string argument in Arguments)
            yield return argument;
    }
}
