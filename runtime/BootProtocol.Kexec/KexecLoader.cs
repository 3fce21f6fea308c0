using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using BootProtocol.Kexec.Host;
using BootProtocol.Output;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kexec;

/// <summary>Has the running kernel load another one, and start it.</summary>
/// <remarks>What is loaded stays until it is started, dropped or replaced; <c>systemctl kexec</c> starts it after services were stopped.</remarks>
/// <example><code>
/// static void Drop()
/// {
///     KexecHost host = KexecHost.Open();
///     if (host.IsLoaded)
///         new KexecLoader(host).Unload(KexecPurpose.Restart);
/// }
/// </code></example>
public sealed class KexecLoader
{
    private const uint Machine = 62; // EM_X86_64
    private const int NotPermitted = 1; // EPERM
    private readonly KexecHost _host;
    private readonly IKexecCalls _calls;

    /// <summary>Works on a system.</summary>
    /// <param name="host">The system that runs here.</param>
    public KexecLoader(KexecHost host)
        : this(host, new SystemCalls())
    {
    }

    internal KexecLoader(KexecHost host, IKexecCalls calls)
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
        _calls = calls;
    }

    /// <summary>Loads what was laid out (kexec_load).</summary>
    /// <param name="plan">The plan; it is not needed any more after this.</param>
    /// <exception cref="KexecUnavailableException">The running kernel loads none.</exception>
    /// <exception cref="KexecException">It refused this one.</exception>
    public void Load(KexecPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _host.Check(plan.Purpose);
        var pins = new List<MemoryHandle>();
        try
        {
            byte[] segments = new byte[plan.Segments.Length * KexecSegment.Layout.Size64];
            for (int i = 0; i < plan.Segments.Length; i++)
            {
                PhysicalSegment segment = plan.Segments[i];
                MemoryHandle pin = segment.Bytes.Pin();
                pins.Add(pin);
                Describe(segments.AsSpan(i * KexecSegment.Layout.Size64), segment, pin);
            }

            Check("load the kernel", _calls.Load(plan.Entry, segments, FlagsFor(plan.Purpose)));
        }
        finally
        {
            foreach (MemoryHandle pin in pins)
                pin.Dispose();
        }
    }

    /// <summary>Has the running kernel load an image as it is (kexec_file_load), which it does under lockdown, too, if it trusts the signature.</summary>
    /// <param name="path">A bzImage.</param>
    /// <param name="initrds">The initial ramdisks; several become one, each from a multiple of 4 bytes on.</param>
    /// <param name="commandLine">The command line; encoded as UTF-8, without a NUL.</param>
    /// <param name="purpose">What it is for.</param>
    /// <exception cref="KexecUnavailableException">The running kernel loads none.</exception>
    /// <exception cref="KexecException">It refused this one.</exception>
    /// <exception cref="BootRequestException">The command line has a NUL.</exception>
    /// <exception cref="IOException">The image cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public void LoadFile(string path, ImmutableArray<ReadOnlyMemory<byte>> initrds, string commandLine, KexecPurpose purpose)
    {
        _host.Check(purpose, isFile: true);
        using SafeFileHandle kernel = File.OpenHandle(path);
        LoadFile(kernel, initrds, commandLine, purpose);
    }

    /// <summary>Has the running kernel load an image that is part of another file, such as a unified kernel image.</summary>
    /// <param name="image">A bzImage.</param>
    /// <param name="initrds">The initial ramdisks; several become one, each from a multiple of 4 bytes on.</param>
    /// <param name="commandLine">The command line; encoded as UTF-8, without a NUL.</param>
    /// <param name="purpose">What it is for.</param>
    /// <exception cref="KexecUnavailableException">The running kernel loads none.</exception>
    /// <exception cref="KexecException">It refused this one.</exception>
    /// <exception cref="BootRequestException">The command line has a NUL.</exception>
    public void LoadFile(ReadOnlyMemory<byte> image, ImmutableArray<ReadOnlyMemory<byte>> initrds, string commandLine, KexecPurpose purpose)
    {
        _host.Check(purpose, isFile: true);
        using SafeFileHandle kernel = _calls.CreateFile([image]);
        LoadFile(kernel, initrds, commandLine, purpose);
    }

    /// <summary>Drops what is loaded, if anything is.</summary>
    /// <param name="purpose">What it was loaded for.</param>
    /// <exception cref="KexecUnavailableException">The running kernel has no kexec, or nobody may use it.</exception>
    /// <exception cref="KexecException">It refused.</exception>
    public void Unload(KexecPurpose purpose)
    {
        _host.Check(purpose, isFile: true);
        int error = _host.LockdownMode is null ? _calls.Load(default, [], FlagsFor(purpose)) : NotPermitted;
        if (error == NotPermitted) // a locked kernel, which may not show that it is one, does it by the other call
            error = _calls.LoadFile(null, null, [], FileFlagsFor(purpose) | KexecFileFlags.Unload);
        Check("drop the kernel", error);
    }

    /// <summary>
    /// Writes all files out and starts what is loaded at once: programs are not ended and file systems not unmounted, which <c>systemctl kexec</c>
    /// does first. It does not return.
    /// </summary>
    /// <exception cref="KexecUnavailableException">Nothing is loaded, or nobody may start it.</exception>
    /// <exception cref="KexecException">The running kernel refused.</exception>
    public void Execute()
    {
        if (!_host.IsLoaded)
        {
            _host.Check(KexecPurpose.Restart, isFile: true);
            throw new KexecUnavailableException("no kernel is loaded");
        }

        if (!_host.HasRight)
            throw new KexecUnavailableException("kernels are started by root alone (CAP_SYS_BOOT)");
        Check("start the kernel", _calls.Execute());
    }

    private void LoadFile(SafeFileHandle kernel, ImmutableArray<ReadOnlyMemory<byte>> initrds, string commandLine, KexecPurpose purpose)
    {
        ArgumentNullException.ThrowIfNull(commandLine);
        if (commandLine.Contains('\0', StringComparison.Ordinal))
            throw new BootRequestException(BootErrorCode.NotAllowed, "command line", "", commandLine.IndexOf('\0', StringComparison.Ordinal), "no NUL", "one");
        KexecFileFlags flags = FileFlagsFor(purpose) | (initrds.IsEmpty ? KexecFileFlags.NoInitramfs : default);
        using SafeFileHandle? initrd = initrds.IsEmpty ? null : _calls.CreateFile(initrds.SelectMany(static part => Padded(part)));
        Check("load the image", _calls.LoadFile(kernel, initrd, [.. Encoding.UTF8.GetBytes(commandLine), 0], flags));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Padded(ReadOnlyMemory<byte> part) => [part, new byte[-part.Length & 3]];

    private static unsafe void Describe(Span<byte> place, PhysicalSegment segment, MemoryHandle pin)
    {
        KexecSegment.Writer writer = KexecSegment.Create(place, WordSize.Bits64);
        writer.Buffer = (ulong)pin.Pointer;
        writer.BufferSize = (ulong)segment.Bytes.Length;
        writer.Memory = segment.Address.Value;
        writer.MemorySize = segment.MemorySize;
    }

    private static KexecLoadFlags FlagsFor(KexecPurpose purpose) =>
        default(KexecLoadFlags).WithMachine(Machine) | (purpose == KexecPurpose.Panic ? KexecLoadFlags.OnCrash : default);

    private static KexecFileFlags FileFlagsFor(KexecPurpose purpose) => purpose == KexecPurpose.Panic ? KexecFileFlags.OnCrash : default;

    private static void Check(string step, int error)
    {
        if (error != 0)
            throw new KexecException(step, error, KexecErrors.Meaning(error));
    }
}
