using BootProtocol.Domains;
using BootProtocol.Output;
using BootProtocol.Reports;
using BootProtocol.Stubs;

namespace BootProtocol.Cli.Building;

/// <summary>Writes domains to files.</summary>
internal static class DomainOutput
{
    /// <summary>One ELF file that boots.</summary>
    public const string Elf = "elf";

    /// <summary>Frames and state as they are.</summary>
    public const string Raw = "raw";

    /// <summary>A domain of Xen that is restored.</summary>
    public const string Xl = "xl";

    /// <summary>The format of a domain if nobody asks for another.</summary>
    public static string DefaultFormat(BuiltDomain built) => built.Domain is XenPvDomain ? Raw : Elf;

    /// <summary>Writes a domain in a format.</summary>
    /// <exception cref="ToolException">It cannot be written, or not in that format.</exception>
    public static void Write(BuiltDomain built, string format, string file)
    {
        if (format == Raw && file == InputFile.Standard)
            throw new ToolException(ExitCode.Usage, "raw frames are several files, and standard output is one: name a file, or take --format elf");
        if (format == Raw)
            OutputFile.Guard(file, () => Interruption.During(interruption => RawOutput.Write(built.Domain, file, interruption.Token)));
        else
            OutputFile.Write(file, stream => WriteWhole(built, format, file, stream));
    }

    /// <summary>Writes the map of a domain: as text or JSON where the file's name ends so, and else as a drawing.</summary>
    /// <exception cref="ToolException">It cannot be written.</exception>
    public static void WriteMap(BuiltDomain built, string file) => OutputFile.Write(file, stream =>
    {
        switch (Path.GetExtension(file).ToUpperInvariant())
        {
            case ".TXT":
                using (var text = new StreamWriter(stream, leaveOpen: true))
                    DomainText.Write(built.Domain, text);
                break;
            case ".JSON":
                using (var text = new StreamWriter(stream, leaveOpen: true))
                    JsonOutput.Write(text, writer => DomainJson.Write(built.Domain, writer));
                break;
            default:
                DomainSvg.Write(built.Domain, stream);
                break;
        }
    });

    private static void WriteWhole(BuiltDomain built, string format, string file, Stream stream)
    {
        try
        {
            if (format == Xl)
                WriteSaved((XenPvDomain)built.Domain, built.Request.StreamVersion, file, stream);
            else
                DomainElf.Write(built.Domain, stream);
        }
        catch (BootException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"{built.ImageName}: {exception.Message}");
        }
    }

    private static void WriteSaved(XenPvDomain domain, int version, string file, Stream stream) => XlOutput.Write(domain, stream, new XlOutputOptions
    {
        Name = NameFor(file),
        StreamVersion = version,
        HypercallPage = domain.HypercallFrame is null ? default : HypercallPage.Create(domain.Placement.Word),
    });

    /// <summary>The name of a restored domain: that of its file without what follows the last dot.</summary>
    private static string NameFor(string file)
    {
        string name = file == InputFile.Standard ? "" : Path.GetFileNameWithoutExtension(file);
        return name.Length == 0 ? new XlOutputOptions().Name : name;
    }
}
