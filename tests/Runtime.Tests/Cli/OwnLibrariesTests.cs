using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using BootProtocol.Runtime.Tests.Decompress;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The tool runs where there is no OpenSSL: in an initramfs, a rescue system, a container.</summary>
public sealed class OwnLibrariesTests
{
    private const string Cryptography = "System.Security.Cryptography";

    // What the platform's classes for hashes and random numbers load, which ends the program if it is not there.
    private static readonly string[] s_openSsl = ["libssl", "libcrypto", "Cryptography.Native"];

    [Fact]
    [Needs(Need.Kernels)]
    public void Nothing_loads_openssl()
    {
        using var folder = new TemporaryFolder();
        string kernel = DebianKernels.Find("6.1-cloud-amd64", "vmlinuz");
        string packed = folder.File("packed");
        byte[] elf = new TestElf().Add(new TestNotes().Add("Xen", 6, "linux").Segment()).Build();
        File.WriteAllBytes(packed, Packer.Find("xz --check=sha256 -T2 --block-size=300001 --x86 --lzma2=preset=1").Pack(elf));
        string[][] commands =
        [
            ["build", kernel, "--boot", "linux64", "--memory", "256M", "--kaslr", "random", "-o", folder.File("guest")],
            ["extract", packed, "-o", folder.File("vmlinux")],
            ["inspect", kernel, "--json"],
        ];
        foreach (string[] arguments in commands)
        {
            // The dynamic linker names each file that it opens.
            var environment = new Dictionary<string, string> { ["LD_DEBUG"] = "files" };
            ToolRun run = ToolRun.Start(Path.Combine(AppContext.BaseDirectory, "bootproto"), arguments, folder.Path, environment);
            _ = run.Succeeded();
            Assert.Contains("file=libc.so.6", run.Errors, StringComparison.Ordinal);
            Assert.Contains("libSystem.Native.so", run.Errors, StringComparison.Ordinal);
            foreach (string library in s_openSsl)
                Assert.DoesNotContain(library, run.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(elf, File.ReadAllBytes(folder.File("vmlinux")));
    }

    [Theory]
    [InlineData("BootProtocol.dll")]
    [InlineData("BootProtocol.Xen.dll")]
    [InlineData("bootproto.dll")]
    public void No_class_for_cryptography_is_used(string assembly)
    {
        Assert.Empty(References(assembly));
        // The tests do use one, which shows that it would be seen.
        Assert.Contains(nameof(System.Security.Cryptography.SHA256), References("Runtime.Tests.dll"));
    }

    private static List<string> References(string assembly)
    {
        Assert.NotNull(typeof(System.Security.Cryptography.SHA256));
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        MetadataReader reader = file.GetMetadataReader();
        return
        [
            .. reader.TypeReferences.Select(reader.GetTypeReference)
                .Where(type => reader.GetString(type.Namespace).StartsWith(Cryptography, StringComparison.Ordinal))
                .Select(type => reader.GetString(type.Name)),
        ];
    }
}
