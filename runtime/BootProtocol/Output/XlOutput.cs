using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Output;

/// <summary>Writes a paravirtualised guest of Xen as <c>xl save</c> writes domains, so that <c>xl restore FILE</c> starts it.</summary>
/// <remarks>
/// <para>
/// The file is xl's header with the domain's configuration in JSON, libxl's records, and in the first of them libxenguest's stream: every
/// frame of the guest with its kind, and the state of its virtual CPU. A frame that nobody claimed has no contents there: Xen gives the
/// guest a page, whatever that holds. Where a running domain has machine frames, a saved one has its own frame numbers, which the restore
/// replaces: in page tables, which are written anew for that, in start_info and in cr3.
/// </para>
/// <para>
/// A restore clears the flags in start_info. An initial ramdisk has to be mapped for that reason (<see cref="XenPvBuilder.MapInitrd"/>).
/// It leaves the page of hypercalls as it is, so that the file has to have it (<see cref="XlOutputOptions.HypercallPage"/>).
/// </para>
/// <para>
/// Memory beyond the guest's own is needed for its page tables and for 1024 frames. Sources: docs/specs/libxc-migration-stream.pandoc and
/// libxl-migration-stream.pandoc of Xen; tools/libs/guest/xg_sr_restore_x86_pv.c for what a restore changes.
/// </para>
/// </remarks>
/// <example><code>
/// using FileStream file = File.Create(Path.Combine(folder, "web.save"));
/// XlOutput.Write(pv, file, new XlOutputOptions { Name = "web" });      // on a Xen: xl restore web.save
/// </code></example>
public static class XlOutput
{
    private const int OldestStream = 2;
    private const int NewestStream = 3;
    private const uint LibxlVersion = 2;

    /// <summary>Writes a guest.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="output">Where to; it is written from front to back, and not closed.</param>
    /// <param name="options">How; null for version 3 of the stream, and a domain named guest.</param>
    /// <exception cref="ArgumentException">
    /// The name is empty, the stream's version is neither 2 nor 3, or the page of hypercalls is no page.
    /// </exception>
    /// <exception cref="BootRequestException">
    /// The guest's initial ramdisk is not mapped, or its kernel asks for a page of hypercalls and the options have none. Nothing is written then.
    /// </exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(XenPvDomain domain, Stream output, XlOutputOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(output);
        options ??= new XlOutputOptions();
        ArgumentException.ThrowIfNullOrEmpty(options.Name, nameof(options));
        if (options.StreamVersion is < OldestStream or > NewestStream)
            throw new ArgumentException($"There is no stream of version {options.StreamVersion}.", nameof(options));
        if (options.HypercallPage.Length is not (0 or X86Page.Size))
            throw new ArgumentException($"{options.HypercallPage.Length} bytes are no page of hypercalls.", nameof(options));
        Check(domain, options);

        WriteHeader(output, MakeConfiguration(domain, options.Name));
        Span<byte> head = stackalloc byte[LibxlHeader.Layout.Size];
        LibxlHeader.Create(head).Version = LibxlVersion;
        output.Write(head);
        WriteRecord(output, LibxlRecordType.LibxcContext);
        using (var stream = new XcStreamWriter(domain, output, options.HypercallPage))
            stream.Write((uint)options.StreamVersion);
        WriteRecord(output, LibxlRecordType.End);
    }

    private static void Check(XenPvDomain domain, XlOutputOptions options)
    {
        ReadOnlySpan<byte> page = domain.Memory.Slice(domain.StartInfoFrame.ToPaddr(), X86Page.Size).Span;
        if (StartInfo.Parse(page, domain.Placement.Word).Flags.HasFlag(StartInfoFlags.ModuleStartIsPfn))
        {
            const string Expected = "an initial ramdisk that is mapped, as a restore clears SIF_MOD_START_PFN";
            throw new BootRequestException(BootErrorCode.NotAllowed, "start_info", "mod_start", null, Expected, "a frame number");
        }

        if (domain.HypercallFrame is { } frame && options.HypercallPage.IsEmpty)
        {
            const string Expected = "none, as a restore does not fill that page, and no contents are given";
            throw new BootRequestException(BootErrorCode.NotPossible, "note Xen", "HYPERCALL_PAGE", null, Expected, $"one for frame {frame}");
        }
    }

    /// <summary>The domain as libxl describes it; what is left out has libxl's own default.</summary>
    private static byte[] MakeConfiguration(XenPvDomain domain, string name)
    {
        ulong kibibytes = domain.FrameCount * (X86Page.Size / 1024);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("c_info");
            json.WriteString("type", "pv");
            json.WriteString("name", name);
            json.WriteEndObject();
            json.WriteStartObject("b_info");
            json.WriteNumber("max_vcpus", 1);
            json.WriteStartArray("avail_vcpus");
            json.WriteNumberValue(0);
            json.WriteEndArray();
            json.WriteNumber("max_memkb", kibibytes);
            json.WriteNumber("target_memkb", kibibytes);
            json.WriteStartObject("type.pv");
            json.WriteEndObject();
            json.WriteEndObject();

            // There is no kernel to start once more: a domain that asks for a restart ends.
            foreach (string action in new[] { "on_poweroff", "on_reboot", "on_crash" })
                json.WriteString(action, "destroy");
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, 0];
    }

    private static void WriteHeader(Stream output, ReadOnlySpan<byte> configuration)
    {
        byte[] data = new byte[sizeof(uint) + configuration.Length];
        BinaryPrimitives.WriteInt32LittleEndian(data, configuration.Length);
        configuration.CopyTo(data.AsSpan(sizeof(uint)));
        XlHeader.Builder header = XlHeader.Build(new byte[XlHeader.Layout.Size + data.Length]);
        header.Fixed().MandatoryFlags = XlSaveFlags.StreamV2 | XlSaveFlags.Json;
        header.SetOptionalData(data);
        output.Write(header.Finish());
    }

    private static void WriteRecord(Stream output, LibxlRecordType type)
    {
        LibxlRecord.Builder record = LibxlRecord.Build(stackalloc byte[LibxlRecord.Layout.Size]);
        record.Fixed().Type = type;
        output.Write(record.Finish());
    }
}
