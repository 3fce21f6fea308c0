using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>Writes what an image says as JSON.</summary>
internal static class InspectionJson
{
    /// <summary>Writes one object. What the image does not have is null.</summary>
    /// <param name="opened">The image.</param>
    /// <param name="facts">What its kernel says; null to tell of the header alone, and to leave out what takes more than that.</param>
    /// <param name="output">Where it goes.</param>
    /// <exception cref="BootFormatException">The image is broken; nothing was written then.</exception>
    public static void Write(OpenedImage opened, KernelFacts? facts, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        BootImage image = opened.Image;
        writer.WriteStartObject();
        writer.WriteString("file", opened.Name);
        writer.WriteString("kind", KindNames.Of(image.Kind));
        writer.WriteString("protocol", image.Protocol?.ToString());
        writer.WriteString("kernel_version", image.KernelVersion);
        SpecJson.Write(writer, "setup_header", image.DescribeSetupHeader());
        SpecJson.Write(
            writer,
            "kernel_info",
            image.TryGetKernelInfo(out KernelInfo info, out _) ? SpecReader.Read(KernelInfo.Layout.Info, info.AsSpan()) : null);
        if (facts is null)
        {
            KernelPayload? payload = image.FindPayload(search: false);
            KernelJson.WritePayload(writer, payload, payload?.DecompressedSize);
        }
        else
        {
            writer.WriteString("crc32", KindNames.Of(image.Checksum));
            KernelJson.WritePayload(writer, facts.Payload, facts.Size);
            KernelJson.WriteKernel(writer, facts);
        }

        WritePe(writer, image);
        writer.WriteEndObject();
    });

    private static void WritePe(Utf8JsonWriter writer, BootImage image)
    {
        if (!image.TryGetPe(out PeView pe))
        {
            writer.WriteNull("pe");
            return;
        }

        writer.WriteStartObject("pe");
        SpecJson.Write(writer, "header", pe.DescribeHeader());
        SpecJson.Write(writer, "optional_header", pe.DescribeOptionalHeader());
        SpecJson.Write(writer, "data_directory", pe.DescribeDataDirectory());
        SpecJson.Write(writer, "sections", pe.DescribeSections());
        writer.WriteEndObject();
    }
}
