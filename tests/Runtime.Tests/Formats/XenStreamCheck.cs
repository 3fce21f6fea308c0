using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Formats;

/// <summary>Xen's own check of the streams that domains are saved to: verify-stream-v2 of Debian's package.</summary>
internal static class XenStreamCheck
{
    /// <summary>What it says of a stream, which it must accept.</summary>
    /// <param name="format">What the stream begins with: xl's header (<c>xl</c>), libxl's, or libxenguest's (<c>libxc</c>).</param>
    /// <param name="stream">The stream.</param>
    public static string Verify(string format, ReadOnlySpan<byte> stream)
    {
        using var folder = new TemporaryFolder();
        string script = DebianKernels.Find("xen-shim-4.17", "verify-stream-v2");
        string package = Path.Combine(folder.Path, "xen", "migration");
        Directory.CreateDirectory(package);
        foreach (string module in new[] { "verify.py", "libxc.py", "libxl.py" })
            File.Copy(DebianKernels.Find("xen-shim-4.17", module), Path.Combine(package, module));
        File.Copy(DebianKernels.Find("xen-shim-4.17", "util.py"), Path.Combine(folder.Path, "xen", "util.py"));
        string file = Path.Combine(folder.Path, "stream");
        File.WriteAllBytes(file, stream);
        var environment = new Dictionary<string, string> { ["PYTHONPATH"] = folder.Path, ["PYTHONDONTWRITEBYTECODE"] = "1" };
        return ToolRun.Start("python3", [script, "-v", "-f", format, "-i", file], folder.Path, environment).Succeeded();
    }
}
