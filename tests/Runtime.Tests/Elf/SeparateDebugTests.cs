using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>ELF files that are no kernels, made by the tools that people make them with: they show what they have, and say what they are.</summary>
[Needs(Need.Kernels)]
public sealed class SeparateDebugTests
{
    private const string Source = """
        __asm__(".section .note.Test,\"a\",@note\n.long 5, 4, 7\n.ascii \"Test\\0\\0\\0\\0\"\n.long 0x1234\n.previous");
        int value = 5;
        void _start(void) { for (;;) value++; }
        """;

    [Fact]
    public void Separate_debugging_information_shows_its_notes_and_segments()
    {
        using var folder = new TemporaryFolder();
        string debug = folder.File("program.debug");
        Run(folder, "gcc", "-g", "-static", "-nostdlib", "-o", folder.File("program"), Write(folder));
        Run(folder, "objcopy", "--only-keep-debug", folder.File("program"), debug);
        using var image = BootImage.Open(debug);
        using Kernel kernel = image.Decompress();
        Assert.Equal(ElfFileKind.SeparateDebug, kernel.Elf.Kind);
        Assert.NotEmpty(kernel.Elf.Segments);
        Assert.All(kernel.BootWays, way => Assert.Equal(
            "it is separate debugging information: the bytes of its segments are in another file", way.Reason));
        string report = CliRun.Start("inspect", debug).Succeeded();
        Assert.Contains("ELF file: separate debugging information", report, StringComparison.Ordinal);
        Assert.Contains("PT_LOAD", report, StringComparison.Ordinal);
        Assert.Contains("Test", CliRun.Start("notes", debug).Succeeded(), StringComparison.Ordinal);

        using var whole = BootImage.Open(folder.File("program"));
        using Kernel program = whole.Decompress();
        Assert.Equal(ElfFileKind.Executable, program.Elf.Kind);
    }

    [Theory]
    [InlineData(ElfFileKind.Relocatable, "-c", "it is a relocatable object file (ET_REL), no kernel")]
    [InlineData(ElfFileKind.Program, "-pie", "it is a program or library of an operating system, no kernel")]
    [InlineData(ElfFileKind.Program, "-shared", "it is a program or library of an operating system, no kernel")]
    public void What_is_no_kernel_says_what_it_is(ElfFileKind kind, string option, string reason)
    {
        using var folder = new TemporaryFolder();
        string source = Write(folder);
        if (kind == ElfFileKind.Program)
            File.WriteAllText(source, "int main(void) { return 0; }");
        Run(folder, "gcc", option, "-fPIC", "-o", folder.File("file"), source);
        using var image = BootImage.Open(folder.File("file"));
        using Kernel kernel = image.Decompress();
        Assert.Equal(kind, kernel.Elf.Kind);
        Assert.All(kernel.BootWays, way => Assert.Equal(reason, way.Reason));
        CliRun.Start("inspect", folder.File("file")).Succeeded();
    }

    /// <summary>Linked as FreeBSD's kernels are: with an interpreter that is never run, and with notes of Xen.</summary>
    [Fact]
    public void A_kernel_that_names_an_interpreter_is_no_program()
    {
        const string Kernel = """
            __asm__(".section .note.Xen,\"a\",@note\n.long 4, 4, 18\n.ascii \"Xen\\0\"\n.long 0x1000000\n.previous");
            int value = 5;
            void _start(void) { for (;;) value++; }
            """;
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("kernel.c"), Kernel);
        string[] options = ["-fPIC", "-nostdlib", "-pie", "-Wl,--dynamic-linker=/red/herring,-Ttext-segment=0x1000000,--export-dynamic"];
        Run(folder, "gcc", [.. options, "-o", folder.File("kernel"), folder.File("kernel.c")]);
        using var image = BootImage.Open(folder.File("kernel"));
        using Kernel kernel = image.Decompress();
        Assert.Contains(kernel.Elf.Segments, static segment => segment.Type == SegmentType.Interpreter);
        Assert.Equal(ElfFileKind.Executable, kernel.Elf.Kind);
        Assert.Contains(kernel.BootWays, static check => check is { Way: BootWay.Pvh, Possible: true });
    }

    [Fact]
    public void The_version_of_an_ELF_kernel_is_that_of_its_banner()
    {
        using var folder = new TemporaryFolder();
        byte[] vmlinux = DecodedKernels.Bytes("6.12-amd64").ToArray();
        File.WriteAllBytes(folder.File("vmlinux"), vmlinux);
        using var packed = BootImage.Open(DebianKernels.Amd64612);
        string release = packed.KernelVersion!.Split(' ')[0];
        using var image = BootImage.Open(folder.File("vmlinux"));
        using Kernel kernel = image.Decompress();
        Assert.StartsWith($"Linux version {release} (debian-kernel", kernel.Banner, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", kernel.Banner, StringComparison.Ordinal);
        Assert.Contains($"kernel version  {release} (", CliRun.Start("inspect", "--summary", folder.File("vmlinux")).Succeeded(), StringComparison.Ordinal);
    }

    private static string Write(TemporaryFolder folder)
    {
        File.WriteAllText(folder.File("source.c"), Source);
        return folder.File("source.c");
    }

    private static void Run(TemporaryFolder folder, string program, params string[] arguments) =>
        ToolRun.Start(program, arguments, Path.GetDirectoryName(folder.File("any"))!).Succeeded();
}
