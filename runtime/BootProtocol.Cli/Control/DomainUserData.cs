using System.Globalization;
using System.Text.Json;
using BootProtocol.Xen;
using BootProtocol.Xen.Devices;

namespace BootProtocol.Cli.Control;

/// <summary>The configuration of a domain as libxl keeps it: without it, Xen's own tool neither saves the domain nor changes its memory.</summary>
/// <remarks>Source: libxl_userdata_store in tools/include/libxl.h of Xen, and libxl_types.idl for the names.</remarks>
internal static class DomainUserData
{
    private const string Step = "write the configuration that xl reads";

    /// <summary>Writes it; nothing happens where there is no libxl to read it.</summary>
    /// <exception cref="XenException">The file cannot be written.</exception>
    public static void Write(string folder, DomainFacts facts)
    {
        if (!Directory.Exists(folder))
            return;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using FileStream file = new(Path.Combine(folder, $"{NameOf('d', facts.Id, facts.Handle)}.libxl-json"), options);
            using (var json = new Utf8JsonWriter(file))
                Write(json, facts);

            // libxl takes it for a text that ends with NUL.
            file.WriteByte(0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new XenException(Step, XenError.None, failure.Message, failure);
        }
    }

    /// <summary>Removes what libxl and this tool keep of a domain.</summary>
    /// <exception cref="XenException">A file cannot be removed.</exception>
    public static void Remove(string folder, ushort id, Guid handle)
    {
        if (!Directory.Exists(folder))
            return;
        try
        {
            foreach (string file in Directory.GetFiles(folder, $"{NameOf('?', id, handle)}.*"))
                File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new XenException("remove the configuration that xl reads", XenError.None, failure.Message, failure);
        }
    }

    private static string NameOf(char kind, ushort id, Guid handle) => string.Create(CultureInfo.InvariantCulture, $"userdata-{kind}.{id}.{handle:D}");

    private static void Write(Utf8JsonWriter json, DomainFacts facts)
    {
        json.WriteStartObject();
        json.WriteStartObject("c_info");
        json.WriteString("type", facts.Type);
        json.WriteString("name", facts.Name);
        json.WriteString("uuid", facts.Handle);
        json.WriteEndObject();
        json.WriteStartObject("b_info");
        json.WriteNumber("max_vcpus", facts.VCpus);
        json.WriteStartArray("avail_vcpus");
        for (uint cpu = 0; cpu < facts.VCpus; cpu++)
            json.WriteNumberValue(cpu);
        json.WriteEndArray();
        json.WriteNumber("max_memkb", facts.MaximumKibibytes);
        json.WriteNumber("target_memkb", facts.Kibibytes);

        // Where it is left out, libxl takes it for -1, and the memory for 1 KiB less.
        json.WriteNumber("video_memkb", 0);
        json.WriteStartObject($"type.{facts.Type}");
        json.WriteEndObject();
        json.WriteEndObject();

        Write(json, facts.Devices);

        // libxl has no kernel to start once more: a restored domain that asks for a restart ends.
        foreach (string action in new[] { "on_poweroff", "on_reboot", "on_crash" })
            json.WriteString(action, "destroy");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DeviceRequest devices)
    {
        json.WriteStartArray("disks");
        foreach (XenDisk disk in devices.Disks)
        {
            json.WriteStartObject();
            json.WriteString("pdev_path", disk.Path);
            json.WriteString("vdev", disk.Name);
            json.WriteString("backend", "phy");
            json.WriteString("format", "raw");
            json.WriteNumber("readwrite", disk.IsReadOnly ? 0 : 1);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("nics");
        for (int i = 0; i < devices.Nics.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("devid", i);
            json.WriteString("mac", devices.Nics[i].MacText);
            json.WriteString("bridge", devices.Nics[i].Bridge);
            json.WriteString("nictype", "vif");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
