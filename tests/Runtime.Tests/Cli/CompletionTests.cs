using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Completion, as the shells themselves do it.</summary>
[Needs(Need.Tools)]
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> CommandLines => new()
    {
        { "bootproto insp", "inspect" },
        { "bootproto xen ", "console destroy inspect list pause reboot shutdown start unpause" },
        { "bootproto completion ", "bash fish zsh" },
        { "bootproto build --boot ", "linux32 linux64 pvh xen-pv" },
        { "bootproto build --boot p", "pvh" },
        { "bootproto build --kaslr ", "none random" },
        { "bootproto extract --what v", "vmlinux" },
        { "bootproto inspect --section se", "sections segments setup_header" },
        { "bootproto xen start --me", "--memory" },
        { "bootproto diff --exit", "--exit-code" },
        { "bootproto layout setup_h", "setup_header" },
        { "bootproto layout --spec my-k", "my-kernel" },
        { "bootproto dump --struct setup_h", "setup_header" },
        { "bootproto notes --color ", "always auto never" },
        { "bootproto inspect my-k", "my-kernel" },
        { "bootproto check --for xen", "xen-pv xen-pvh" },
        { "bootproto verify --bank sha3", "sha384" },
        { "bootproto build --initrd my-k", "my-kernel" },
        { "bootproto repack --strip", "--strip-signature" },
        { "bootproto repack --vmlinux my-k", "my-kernel" },
        { "bootproto repack --initramfs my-k", "my-kernel" },
        { "bootproto docs --output my-k", "my-kernel" },
        { "bootproto run --disk my-k", "my-kernel" },
        { "bootproto xen start --disk my-k", "my-kernel" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void Bash(string line, string expected)
    {
        string[] words = line.Split(' ');
        Assert.Equal(expected, RunBash(words));
        if (words[^2].StartsWith("--", StringComparison.Ordinal))
            Assert.Equal(expected, RunBash([.. words[..^1], "=", .. words[^1].Length > 0 ? words[^1..] : []]));
    }

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void Fish(string line, string expected)
    {
        Write("fish");
        ToolRun run = Shell("fish", "-c", $"source completion; complete -C'{line}'");
        Assert.Equal(expected, Sorted(run.Succeeded().Split('\n').Select(static row => row.Split('\t')[0])));
    }

    /// <summary>Completion in zsh needs a terminal with a line editor: its own module makes one.</summary>
    [Fact]
    public void Zsh()
    {
        Write("zsh");
        Assert.Equal("", Shell("zsh", "-n", "completion").Errors);
        _folder.Write("ask", """
            zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z 'stty -echo cols 200; PS1=; autoload -U compinit; compinit -u -D; source ./completion; echo ready'
            ask() {
                zpty -w -n z "$1"$'\t'
                repeat 1200 { sleep 0.05; while zpty -r -t z part; do text+=$part; done; [[ $text == *$2* ]] && return; }
            }
            text=
            repeat 1200 { sleep 0.05; while zpty -r -t z part; do text+=$part; done; [[ $text == *ready*ready* || $text == *$'\n'ready* ]] && break; }
            text=
            ask 'bootproto build --boot ' xen-pv
            ask $'\C-Ubootproto xen ' unpause
            ask $'\C-Ubootproto inspect --section seg' segments
            print -r -- $text
            """);
        string output = Shell("timeout", "300", "zsh", "-f", "ask").Output;
        Assert.All(
            (string[])["linux32", "linux64", "pvh", "xen-pv", "console", "destroy", "unpause", "segments"],
            word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    private static string Sorted(IEnumerable<string> words) =>
        string.Join(' ', words.Select(static word => word.Trim()).Where(static word => word.Length > 0).Order(StringComparer.Ordinal));

    private string RunBash(IReadOnlyList<string> words)
    {
        Write("bash");
        _folder.Write("ask", "source ./completion\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _bootproto; printf '%s\\n' \"${COMPREPLY[@]}\"\n");
        ToolRun run = Shell("bash", ["--norc", "ask", .. words]);
        Assert.Equal("", run.Errors);
        return Sorted(run.Succeeded().Split('\n'));
    }

    private void Write(string shell)
    {
        string? missing = new[] { "/usr/bin", "/bin", "/usr/local/bin" }.Any(folder => File.Exists(Path.Combine(folder, shell))) ? null : shell;
        Assert.SkipWhen(missing is not null, $"{missing} is not on this machine.");
        _folder.Write("completion", CliRun.Start("completion", shell).Succeeded());
        _folder.Write("my-kernel", "");
    }

    private ToolRun Shell(string program, params string[] arguments) => ToolRun.Start(program, arguments, _folder.Path, new Dictionary<string, string>
    {
        ["HOME"] = _folder.Path,
        ["TERM"] = "xterm",
        ["LC_ALL"] = "C.UTF-8",
    });
}
