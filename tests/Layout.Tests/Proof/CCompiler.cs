using System.ComponentModel;
using System.Diagnostics;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>Runs gcc on C text. What is missing on this machine is a failure that says what to install.</summary>
internal sealed class CCompiler(string compiler = "gcc", HeaderSet? headers = null)
{
    private const string Install = "install gcc (12 or later), gcc-multilib, linux-libc-dev and libxen-dev";

    /// <summary>What gcc says against a C file; empty if it accepts it.</summary>
    public string Complaint(string source, int bits, params string[] more) => Run(compiler, source, Options(bits, ["-fsyntax-only", .. more]));

    /// <summary>The description of the types of a C file in BPF's type format, as gcc writes it.</summary>
    public byte[] DescribeTypes(string source, int bits)
    {
        string folder = Directory.CreateTempSubdirectory("layout-").FullName;
        try
        {
            string objectFile = Path.Combine(folder, "types.o");
            string section = Path.Combine(folder, "types.btf");
            string complaint = Run(compiler, source, Options(bits, "-gbtf", "-c", "-o", objectFile));
            Assert.True(complaint.Length == 0, complaint);
            complaint = Run("objcopy", "", ["--dump-section", $".BTF={section}", objectFile]);
            Assert.True(complaint.Length == 0, complaint);
            return File.ReadAllBytes(section);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the preprocessor makes of a C file, or with <c>-dM</c> the macros that it then has.</summary>
    public string Preprocess(string source, int bits, params string[] more)
    {
        (string complaint, string output) = Start(compiler, source, Options(bits, ["-E", "-P", .. more]));
        Assert.True(complaint.Length == 0, complaint);
        return output;
    }

    private string[] Options(int bits, params string[] more)
        => [$"-m{bits}", "-ffreestanding", "-std=gnu11", .. headers?.Options ?? [], .. more, "-x", "c", "-"];

    private static string Run(string command, string input, string[] arguments) => Start(command, input, arguments).Complaint;

    private static (string Complaint, string Output) Start(string command, string input, string[] arguments)
    {
        NeedsAttribute.Check(Need.Tools, command);
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            process.WaitForExit();
            string text = errors.Result + output.Result;
            if (process.ExitCode == 0)
                return ("", output.Result);
            string hint = text.Contains("No such file or directory", StringComparison.Ordinal) ? $"\nA header is missing: {Install}." : "";
            return ($"{command} {string.Join(' ', arguments)} has exit code {process.ExitCode}\n{text}{hint}", "");
        }
        catch (Win32Exception)
        {
            return ($"There is no program '{command}' on this machine: {Install}.", "");
        }
    }
}
