using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Reports;
using BootProtocol.Verify;

namespace BootProtocol.Output;

/// <summary>Writes a domain as it is: its memory from frame 0 on, and in words what is where.</summary>
/// <remarks>
/// <para>
/// The file is the guest's frames from 0 to the end of what was laid out. What nobody claimed is zero, and takes no room on file
/// systems with sparse files. Behind these frames stand those that a hypervisor shares with the guest: shared_info of Xen PV.
/// </para>
/// <para>
/// The file with <c>.json</c> behind its name says how many frames these are, and describes the domain as <see cref="DomainJson"/> does.
/// Where a hypervisor takes the state of the processor as a structure (vcpu_guest_context of Xen PV), the file with <c>.vcpu</c> behind
/// its name holds that.
/// </para>
/// </remarks>
/// <example><code>
/// string file = Path.Combine(folder, "domain");
/// RawOutput.Write(pv, file);                               // domain, domain.json and domain.vcpu
/// Console.WriteLine(File.ReadAllText(file + RawDescription.Extension));
/// </code></example>
public static class RawOutput
{
    // The document is no part of a web page: an apostrophe in a reason may stay one.
    private static readonly JsonWriterOptions _options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        NewLine = "\n",
    };

    private const string Processor = ".vcpu";

    /// <summary>Writes the files, in place of those that are there. Each appears whole or not at all.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="path">The file of its memory; the others are named after it.</param>
    /// <param name="cancellation">Ends the writing; then no file appears.</param>
    /// <exception cref="IOException">A file cannot be written, or a device or a pipe is at its place.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Write(Domain domain, string path, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var files = new OutputFiles();
        using (WrittenFile memory = files.Create(path))
            WriteMemory(domain, memory, cancellation);
        if (!domain.VcpuContext.IsEmpty)
        {
            using WrittenFile vcpu = files.Create(path + Processor);
            vcpu.Write(domain.VcpuContext.Span);
        }

        using (WrittenFile description = files.Create(path + RawDescription.Extension))
            WriteDescription(domain, description);
        cancellation.ThrowIfCancellationRequested();
        files.Commit();
    }

    /// <summary>The names of all files that are written of a domain, the one of its memory first.</summary>
    internal static ImmutableArray<string> FilesOf(Domain domain, string path) => domain.VcpuContext.IsEmpty
        ? [path, path + RawDescription.Extension]
        : [path, path + Processor, path + RawDescription.Extension];

    /// <summary>Writes what the file with <c>.json</c> at the end of its name holds.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="output">Where it goes; it is not closed.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteDescription(Domain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        using (var json = new Utf8JsonWriter(output, _options))
        {
            json.WriteStartObject();
            json.WriteStartObject("raw");
            json.WriteNumber("page_size", X86Page.Size);
            json.WriteNumber("frames", End(domain) / X86Page.Size);
            json.WriteNumber("shared_frames", domain.SharedFrames.Length / X86Page.Size);
            json.WriteEndObject();
            DomainJson.WriteProperties(domain, json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteMemory(Domain domain, WrittenFile file, CancellationToken cancellation)
    {
        long end = End(domain);
        file.SetLength(end + domain.SharedFrames.Length);
        using var interruptible = new InterruptibleStream(file, cancellation);
        foreach (GuestExtent extent in domain.Memory.Extents)
        {
            file.Position = (long)extent.Start.Value;
            interruptible.Write(extent.Memory.Span);
        }

        file.Position = end;
        interruptible.Write(domain.SharedFrames.Span);
    }

    /// <summary>The address behind the last page of what was laid out.</summary>
    private static long End(Domain domain)
    {
        ulong end = domain.Regions.Max(static region => region.End.Value);
        foreach (GuestExtent extent in domain.Memory.Extents)
            end = Math.Max(end, extent.End.Value);
        return (long)X86Page.Count(end) * X86Page.Size;
    }
}
