using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BootProtocol.Pe;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Formats;

/// <summary>PE images as objdump and sbverify see them: headers, sections, data directory, signatures.</summary>
[Needs(Need.Kernels)]
public sealed partial class PeTests
{
    public static TheoryData<string, string> Images => new()
    {
        { "bookworm-signed-amd64", "vmlinuz" },
        { "sid-amd64", "vmlinuz" },
        { "6.1-686-pae", "vmlinuz" },
        { "ipxe", "ipxe.efi" },
        { "memtest86plus", "memtest86+ia32.efi" },
        { "xen-4.20", "xen.efi" },
        { "systemd-stub", "linuxx64.efi.stub" },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void Image_is_read_as_objdump_reads_it(string package, string name)
    {
        string path = DebianKernels.Find(package, name);
        byte[] file = File.ReadAllBytes(path);
        string dump = ToolRun.Start("objdump", ["-h", "-p", path], ".").Succeeded();
        PeHeaders headers = Headers(file);

        // Long names stand elsewhere: the header has the place.
        string[] names = [.. Section().Matches(dump).Select(static row => row.Groups[1].Value)];
        var sections = new List<string>();
        foreach (SectionHeader section in headers.Sections)
        {
            string shown = section.Name.StartsWith("/"u8) ? names[sections.Count] : Encoding.ASCII.GetString(section.Name);
            sections.Add(Invariant($"{shown} at 0x{section.DataAddr:x}"));
        }

        Assert.Equal(Section().Matches(dump).Select(static row => $"{row.Groups[1].Value} at 0x{Trimmed(row.Groups[2].Value)}"), sections);

        var directory = new List<string>();
        foreach (DataDirectoryEntry entry in Directory(headers))
            directory.Add(Invariant($"{entry.VirtualAddress:x} {entry.Size:x}"));
        IEnumerable<string> entries = Entry().Matches(dump).Select(static row => $"{Trimmed(row.Groups[1].Value)} {Trimmed(row.Groups[2].Value)}");
        Assert.Equal(entries.Take(directory.Count), directory);
        Assert.InRange(directory.Count, 6, 16);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Signatures_are_those_that_sbverify_lists(string package, string name)
    {
        string path = DebianKernels.Find(package, name);
        byte[] file = File.ReadAllBytes(path);
        int signed = 0;
        ViewList<DataDirectoryEntry> directory = Directory(Headers(file));
        if (directory.Count > (int)DataDirectoryIndex.Certs && directory[(int)DataDirectoryIndex.Certs] is { Size: > 0 } place)
        {
            foreach (WinCertificate certificate in WinCertificates.Parse(file.AsSpan((int)place.VirtualAddress, (int)place.Size)).Certificates)
            {
                Assert.Equal(WinCertificateType.PkcsSignedData, certificate.CertType);
                signed++;
            }
        }

        // It reads no images of 32 bits.
        ToolRun run = ToolRun.Start("sbverify", ["--list", path], ".");
        if (run.ExitCode != 0 && signed == 0)
            return;
        Assert.Equal(Signature().Count(run.Output), signed);
    }

    /// <summary>What Debian signs is signed: else the two above could agree on nothing.</summary>
    [Fact]
    public void Debians_kernel_has_one_signature()
    {
        byte[] file = File.ReadAllBytes(DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));
        DataDirectoryEntry place = Directory(Headers(file))[(int)DataDirectoryIndex.Certs];
        int count = 0;
        foreach (WinCertificate certificate in WinCertificates.Parse(file.AsSpan((int)place.VirtualAddress, (int)place.Size)).Certificates)
            count += certificate.Certificate.Length > 1000 ? 1 : 0;
        Assert.Equal(1, count);
    }

    private static PeHeaders Headers(ReadOnlySpan<byte> file) => PeHeaders.Parse(file[(int)MzHeader.Parse(file).Peaddr..]);

    private static ViewList<DataDirectoryEntry> Directory(PeHeaders headers) =>
        Pe32PlusOptionalHeader.TryParse(headers.Optional, out _, out _)
            ? Pe32PlusOptional.Parse(headers.Optional).Directory
            : Pe32Optional.Parse(headers.Optional).Directory;

    private static string Trimmed(string digits) => digits.TrimStart('0') is { Length: > 0 } rest ? rest : "0";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ *\d+ (\S+) +[0-9a-f]+  [0-9a-f]+  [0-9a-f]+  ([0-9a-f]+)  2\*\*", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^Entry [0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) ", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^signature \d+", RegexOptions.Multiline)]
    private static partial Regex Signature();
}
