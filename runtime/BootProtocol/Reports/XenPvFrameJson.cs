using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Memory;

namespace BootProtocol.Reports;

/// <summary>Names every frame of a paravirtualised guest: what it holds, and the machine frame behind it.</summary>
internal static class XenPvFrameJson
{
    /// <summary>
    /// Writes the property <c>frames</c>: runs of frames that hold the same and whose machine frames follow one another, ascending, and at
    /// its end the frame that is shared with the hypervisor, which is none of the guest's own.
    /// </summary>
    public static void Write(XenPvDomain domain, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("frames");
        ulong next = 0;
        foreach (DomainMapRow row in DomainMap.Of(domain))
        {
            // A frame of which the end is free belongs to what is at its start.
            ulong end = Math.Min((row.End.Value + X86Page.Size - 1) / X86Page.Size, domain.FrameCount);
            while (next < end)
            {
                ulong count = CountRun(domain, next, end);
                WriteRun(writer, row.Name, new Pfn(next), domain.Frames[new Pfn(next)], count);
                next += count;
            }
        }

        WriteRun(writer, "shared_info", null, domain.SharedInfoFrame, 1);
        writer.WriteEndArray();
    }

    private static ulong CountRun(XenPvDomain domain, ulong first, ulong end)
    {
        ulong start = domain.Frames[new Pfn(first)].Value;
        ulong count = 1;
        while (first + count < end && domain.Frames[new Pfn(first + count)].Value == start + count)
            count++;
        return count;
    }

    private static void WriteRun(Utf8JsonWriter writer, string name, Pfn? pfn, Mfn mfn, ulong count)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("pfn", pfn?.ToString());
        writer.WriteString("mfn", mfn.ToString());
        writer.WriteNumber("count", count);
        writer.WriteEndObject();
    }
}
