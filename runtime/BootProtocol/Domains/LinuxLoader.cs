using System.Globalization;
using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>The boot loader as which a builder shows itself to the kernel.</summary>
/// <param name="Id">
/// The loader's assigned id: 0 to 0xd (<see cref="LoaderId"/>), or 0x10 to 0x10f, which take protocol 2.02 or later.
/// </param>
/// <param name="Version">Its version, 0 to 0xfff; before protocol 2.02, at most 0xf.</param>
/// <remarks>Source: Documentation/arch/x86/boot.rst of Linux, type_of_loader, ext_loader_ver and ext_loader_type.</remarks>
/// <example><code>
/// var loader = new LinuxLoader(Id: 0xb, Version: 1);
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Loader = loader }.Build(kernel);
/// Console.WriteLine(guest.BootParams.Hdr.TypeOfLoader);
/// </code></example>
public sealed record LinuxLoader(int Id, int Version)
{
    private const int LastShortId = 0xd;
    private const int FirstLongId = 0x10;
    private const int LastLongId = FirstLongId + byte.MaxValue;
    private const int LastVersion = 0xfff;

    /// <summary>Writes the fields about the loader.</summary>
    /// <param name="header">The header.</param>
    /// <param name="loader">The loader; null for one without an assigned id, 0xff.</param>
    /// <exception cref="BootException">The id or the version is none, or one for which the kernel's protocol has no field.</exception>
    internal static void Write(SetupHeader.Writer header, LinuxLoader? loader)
    {
        if (loader is null)
        {
            header.TypeOfLoader = (LoaderType)0xff;
            return;
        }

        (int id, int version) = loader;
        bool isLong = id >= FirstLongId;
        if (id is < 0 or (> LastShortId and < FirstLongId) or > LastLongId)
            throw Fault("type_of_loader", SetupHeader.Layout.Offset.TypeOfLoader, "a loader id of 0 to 0xd or 0x10 to 0x10f", id);
        if (version is < 0 or > LastVersion)
            throw Fault("ext_loader_ver", SetupHeader.Layout.Offset.ExtLoaderVer, "a loader version of 0 to 0xfff", version);
        header.TypeOfLoader = default(LoaderType)
            .WithId(isLong ? LoaderId.Extended : (LoaderId)id)
            .WithVersion((byte)(version & 0xf));
        if (isLong)
            header.ExtLoaderType = (ExtLoaderId)(id - FirstLongId);
        if (version > 0xf)
            header.ExtLoaderVer = (byte)(version >> 4);
    }

    private static BootRequestException Fault(string field, int offset, string expected, int found) => new(
        BootErrorCode.NotAllowed, "setup_header", field, offset, expected, found < 0 ? found.ToString(CultureInfo.InvariantCulture) : $"0x{found:x}");
}
