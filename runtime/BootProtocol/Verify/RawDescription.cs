using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Elf;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>What the file beside a raw PV domain says of it: <c>PATH.json</c>, as <see cref="Output.RawOutput"/> writes it.</summary>
/// <param name="Word">The word size of its kernel.</param>
/// <param name="FrameCount">The number of frames that the domain has.</param>
/// <param name="LaidOutFrames">The number of its first frames that are in the file.</param>
/// <param name="Frames">The machine frames behind all frames that it has.</param>
/// <example><code>
/// string file = Path.Combine(folder, "domain");
/// RawOutput.Write(pv, file);
/// RawDescription description = RawDescription.Parse(File.ReadAllBytes(file + RawDescription.Extension));
/// description.CheckFiles(file);
/// Console.WriteLine($"{description.FrameCount} frames, {description.LaidOutFrames} laid out");
/// </code></example>
public sealed record RawDescription(WordSize Word, ulong FrameCount, ulong LaidOutFrames, IMachineFrames Frames)
{
    /// <summary>The end of the file's name.</summary>
    public const string Extension = ".json";

    private const string Structure = "description";

    /// <summary>Reads a description.</summary>
    /// <param name="json">The file's bytes: UTF-8.</param>
    /// <exception cref="BootFormatException">
    /// It is no JSON, describes no PV domain, lacks something, its frames are not one after the other, or two of them have one machine frame.
    /// </exception>
    public static RawDescription Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (JsonException fault)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"line {fault.LineNumber + 1}, byte {fault.BytePositionInLine}");
            throw new BootFormatException(BootErrorCode.Malformed, Structure, "", null, "JSON", $"something else at {place}", fault);
        }
        catch (InvalidOperationException fault)
        {
            // Texts are decoded when they are asked for.
            throw new BootFormatException(BootErrorCode.Malformed, Structure, "", null, "texts of UTF-8", "one that is none", fault);
        }
    }

    /// <summary>Whether a file is meant as a description, right or not: JSON that says which boot it is.</summary>
    /// <param name="json">The file's bytes.</param>
    internal static bool IsOne(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("boot", out _);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Checks that the files that it describes are as long as it says.</summary>
    /// <param name="path">The file of the frames.</param>
    /// <exception cref="BootFormatException">One is not.</exception>
    /// <exception cref="IOException">A file cannot be looked at.</exception>
    public void CheckFiles(string path)
    {
        Check(path, "raw domain", (LaidOutFrames + 1) * X86Page.Size);
        int context = Word == WordSize.Bits64 ? VcpuGuestContext.Layout.Size64 : VcpuGuestContext.Layout.Size32;
        Check(path + ".vcpu", "vcpu_guest_context", (ulong)context);
    }

    private static void Check(string path, string structure, ulong expected)
    {
        long length = new FileInfo(path).Length;
        if ((ulong)length == expected)
            return;
        throw new BootFormatException(
            BootErrorCode.WrongSize,
            structure,
            "",
            null,
            string.Create(CultureInfo.InvariantCulture, $"{expected} bytes, by the description beside it"),
            string.Create(CultureInfo.InvariantCulture, $"{length}"));
    }

    private static RawDescription Read(JsonElement root)
    {
        string name = Get(root, "boot", JsonValueKind.String).GetString()!;
        string wanted = BootWays.Name(BootWay.XenPv);
        if (name != wanted)
            throw Fault("boot", $"a domain of {wanted}", ReasonText.Quote(name));
        JsonElement raw = Get(root, "raw", JsonValueKind.Object);
        RequireNumber(raw, "page_size", X86Page.Size);
        RequireNumber(raw, "shared_frames", 1);
        ulong laidOut = Number(raw, "frames");
        ulong count = Number(Get(root, "xen_pv", JsonValueKind.Object), "nr_frames");
        ulong word = Number(Get(root, "kernel", JsonValueKind.Object), "class");
        if (word is not (32 or 64))
            throw Fault("class", "32 or 64", $"{word}");
        XenPvVerifier.CheckFrameCount(count);
        if (laidOut > count)
            throw Fault("frames", string.Create(CultureInfo.InvariantCulture, $"at most the {count} that the domain has (nr_frames)"), $"{laidOut}");
        return new RawDescription((WordSize)word, count, laidOut, ReadFrames(Get(root, "frames", JsonValueKind.Array), count));
    }

    /// <summary>Runs of frames whose machine frames follow one another, from frame 0 to the last; what has no frame is the hypervisor's.</summary>
    private static IMachineFrames ReadFrames(JsonElement runs, ulong total)
    {
        var starts = ImmutableArray.CreateBuilder<(Pfn First, Mfn Machine)>();
        ulong next = 0;
        foreach (JsonElement run in runs.EnumerateArray())
        {
            if (run.ValueKind != JsonValueKind.Object)
                throw Fault("frames", "objects with pfn, mfn and count", "something else");
            if (run.TryGetProperty("pfn", out JsonElement own) && own.ValueKind == JsonValueKind.Null)
                continue;
            (ulong pfn, ulong mfn, ulong length) = (Address(run, "pfn"), Address(run, "mfn"), Number(run, "count"));
            if (pfn != next || length == 0 || length > total - next)
                throw Fault("frames", $"the run of frame {new Pfn(next)}, up to frame {new Pfn(total)}", $"0x{length:x} of them from {new Pfn(pfn)} on");
            if (mfn > ulong.MaxValue - length)
                throw Fault("frames", "machine frames below 2^64", $"0x{length:x} of them from 0x{mfn:x} on");
            if (starts.Count == 0 || mfn - starts[^1].Machine.Value != pfn - starts[^1].First.Value)
                starts.Add((new Pfn(pfn), new Mfn(mfn)));
            next += length;
        }

        if (next != total)
            throw Fault("frames", $"runs of all 0x{total:x} frames", $"0x{next:x} of them");
        if (starts.Count == 1)
            return new ContiguousFrames(starts[0].Machine);
        var frames = new FrameRuns(starts.ToImmutable(), new Pfn(total));
        return frames.FindShared() is { } shared
            ? throw Fault("frames", "machine frames that are each behind one frame", $"0x{shared.Value:x} behind several")
            : frames;
    }

    private static JsonElement Get(JsonElement parent, string name, JsonValueKind kind)
    {
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out JsonElement value))
            throw Fault(name, $"a JSON {Name(kind)}", "none");
        return value.ValueKind == kind ? value : throw Fault(name, $"a JSON {Name(kind)}", $"a JSON {Name(value.ValueKind)}");
    }

    private static ulong Number(JsonElement parent, string name)
    {
        JsonElement value = Get(parent, name, JsonValueKind.Number);
        return value.TryGetUInt64(out ulong number) ? number : throw Fault(name, "a number from 0 on", value.GetRawText());
    }

    private static void RequireNumber(JsonElement parent, string name, ulong expected)
    {
        ulong number = Number(parent, name);
        if (number != expected)
            throw Fault(name, $"{expected}", $"{number}");
    }

    private static ulong Address(JsonElement parent, string name)
    {
        string text = Get(parent, name, JsonValueKind.String).GetString()!;
        bool isNumber = text.StartsWith("0x", StringComparison.Ordinal) & ByteSize.TryParse(text, 1, out ulong value);
        return isNumber ? value : throw Fault(name, "a frame's number as 0x100000", ReasonText.Quote(text));
    }

    private static string Name(JsonValueKind kind) => kind.ToString().ToLowerInvariant();

    private static BootFormatException Fault(string field, string expected, string found) =>
        new(BootErrorCode.BadValue, Structure, field, null, expected, found);
}
