using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Control;

/// <summary>A list of domains as JSON.</summary>
internal static class DomainListJson
{
    /// <summary>Writes it.</summary>
    public static void Write(DomainList list, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("xen_version", list.Version);
        writer.WriteStartArray("capabilities");
        foreach (string capability in list.Capabilities)
            writer.WriteStringValue(capability);
        writer.WriteEndArray();
        writer.WriteNumber("domctl_version", list.DomctlVersion);
        writer.WriteStartArray("domains");
        foreach ((DomainInfo info, string? name) in list.Domains)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", info.Id);
            writer.WriteString("name", name);
            writer.WriteString("handle", info.Handle);
            writer.WriteNumber("pages", info.Pages);
            writer.WriteNumber("max_pages", info.MaxPages);
            writer.WriteNumber("vcpus", info.OnlineVCpus);
            writer.WriteNumber("cpu_time_ns", (long)info.ProcessorTime.TotalNanoseconds);
            writer.WriteStartArray("state");
            foreach (string state in DomainList.States(info))
                writer.WriteStringValue(state);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
