using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Kvm;

namespace BootProtocol.Cli.Running;

/// <summary>Runs a guest on this machine's KVM, its first serial port or its console on this terminal, until it or somebody or the time ends it.</summary>
internal static class VmmRun
{
    /// <summary>128 and the number of SIGQUIT.</summary>
    private const int Quit = 128 + 3;

    /// <summary>What a guest that wrote N to port 0x501 ends the tool with: what it would end QEMU with.</summary>
    private static int Status(uint code) => (int)((code << 1) | 1) & byte.MaxValue;

    /// <summary>Runs a guest.</summary>
    /// <param name="domain">The guest, in memory of KVM's.</param>
    /// <param name="request">Its processors, disks and console.</param>
    /// <param name="timeout">How long it may run; null for ever.</param>
    /// <param name="interruption">Ends it.</param>
    /// <param name="console">Where a line about a guest that reset itself goes.</param>
    /// <returns>The tool's exit code.</returns>
    /// <exception cref="ToolException">The guest died, or did not end in time; a disk cannot be opened.</exception>
    /// <exception cref="KvmException">KVM refused a step.</exception>
    public static int Run(
        Domain domain, VmmRequest request, TimeSpan? timeout, Interruption interruption, ToolConsole console)
    {
        ImmutableArray<KvmDisk>.Builder disks = ImmutableArray.CreateBuilder<KvmDisk>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interruption.Token);
        int? wanted = null;
        try
        {
            foreach (string name in request.Disks)
                disks.Add(OpenDisk(name));
            using var terminal = RawTerminal.TryTake(() => End(Quit));
            using CancellationTokenRegistration restoration = interruption.Token.Register(() => terminal?.Restore());
            using var keyboard = new KeyboardStream(terminal is null ? null : new KeyFilter(), () => End(ExitCode.Done));
            if (timeout is { } time)
                end.CancelAfter(time);
            return Judge(KvmMachine.Run(domain, Describe(request, disks.ToImmutable(), keyboard), end.Token), console);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return interruption.ExitCode;
        }
        catch (OperationCanceledException) when (wanted is not null)
        {
            return wanted.Value;
        }
        catch (OperationCanceledException)
        {
            throw new ToolException(
                QemuProcess.TimedOut, string.Create(CultureInfo.InvariantCulture, $"the guest did not end within {timeout!.Value.TotalSeconds} s"));
        }
        finally
        {
            foreach (KvmDisk disk in disks)
                disk.Dispose();
        }

        void End(int code)
        {
            wanted = code;
            end.Cancel();
        }
    }

    /// <summary>Judges an end.</summary>
    /// <exception cref="ToolException">The guest died.</exception>
    public static int Judge(KvmEnd end, ToolConsole console)
    {
        string place = end.Registers is null ? "" : $": {end.Registers}";
        switch (end.Kind)
        {
            case KvmEndKind.TripleFault:
                throw new ToolException(ExitCode.BadInput, $"the guest died of a triple fault{place}");
            case KvmEndKind.Failed:
                throw new ToolException(ExitCode.BadInput, $"the guest cannot go on, as {end.Reason}{place}");
            case KvmEndKind.Exit:
                return Status(end.Code);
            case KvmEndKind.Reset:
                console.Error.Write("note: the guest reset itself\n");
                return ExitCode.Done;
            default:
                return ExitCode.Done;
        }
    }

    private static KvmMachineOptions Describe(VmmRequest request, ImmutableArray<KvmDisk> disks, Stream keyboard) => new()
    {
        Vcpus = request.Vcpus,
        SerialInput = request.HasConsole ? null : keyboard,
        SerialOutput = StandardStream.OpenOutput(),
        HasConsole = request.HasConsole,
        ConsoleInput = request.HasConsole ? keyboard : null,
        ConsoleOutput = request.HasConsole ? StandardStream.OpenOutput() : null,
        Disks = disks,
    };

    private static KvmDisk OpenDisk(string name)
    {
        const string ReadOnly = ",ro";
        bool isReadOnly = name.EndsWith(ReadOnly, StringComparison.Ordinal);
        string path = isReadOnly ? name[..^ReadOnly.Length] : name;
        if (path.Length == 0)
            throw new ToolException(ExitCode.Usage, $"--disk: expected a path, found '{name}'");
        try
        {
            return KvmDisk.Open(path, isReadOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BootException)
        {
            throw new ToolException(ExitCode.BadInput, $"--disk: {exception.Message}");
        }
    }
}
