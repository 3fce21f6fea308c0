namespace BootProtocol.Runtime.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("see 'bootproto --help'")]
    [InlineData("see 'bootproto --help'", "inspekt")]
    [InlineData("see 'bootproto inspect --help'", "inspect", "a", "b")]
    [InlineData("see 'bootproto inspect --help'", "inspect", "--jsn")]
    [InlineData("exclude each other", "layout", "setup_header", "--json", "--c")]
    [InlineData("did you mean 'setup_header'?", "layout", "setup_heder")]
    [InlineData("did you mean 'load_flags'?", "layout", "LOADFLAGS")]
    [InlineData("'bootproto layout' lists all names", "layout", "something_else_entirely")]
    [InlineData("--c is for structures", "layout", "load_flags", "--c")]
    [InlineData("Unrecognized command 'inspekt'; see", "inspekt")]
    [InlineData("Unrecognized command 'foo'; see 'bootproto xen --help'", "xen", "foo")]
    [InlineData("Unrecognized option '--foo'; see 'bootproto --help'", "--foo")]
    [InlineData("expected an argument in UTF-8, found other bytes in 'name=M\ufffdller'", "build", "--sample", "--cmdline", "name=M\ufffdller")]
    [InlineData("expected an argument in UTF-8, found other bytes in '\ufffd.img'", "run", "--sample", "--", "-hda", "\ufffd.img")]
    [InlineData("Must be one of: '64' '32'; see", "build", "--bits", "16")]
    [InlineData("Cannot parse argument 'abc' for option '--seed'; see", "build", "--seed", "abc")]
    [InlineData("Unrecognized option '--jso'; see", "verify", "--jso")]
    [InlineData("no section has the name 'segmnts'; did you mean 'segments'?", "inspect", "--sample", "--section", "segmnts")]
    [InlineData("the sections are uki, setup_header, kernel_info, pe, multiboot, elf", "inspect", "--sample", "--section", "something_else")]
    [InlineData("--summary and --section exclude each other", "inspect", "--sample", "--section", "pe", "--summary")]
    [InlineData("--header looks at no kernel, and section notes is about that", "inspect", "--sample", "--section", "notes", "--header")]
    [InlineData("Must be one of: 'always' 'never' 'auto'; see", "layout", "--color", "sometimes")]
    [InlineData("Must be one of: 'bash' 'zsh' 'fish'; see", "completion", "csh")]
    [InlineData("--bits is for the built-in sample guest: ask for it with --sample", "build", "--bits", "32")]
    [InlineData("--symbols is for the decompressed kernel, and --what names another part", "extract", "--sample", "-o", "x", "--symbols", "--what", "setup")]
    [InlineData("--exports and --at exclude each other; see 'bootproto symbols --help'", "symbols", "--sample", "--exports", "--at", "1")]
    [InlineData("--from shows a kernel's own structures, and --spec and --c are for those of specs", "layout", "--from", "x", "--c")]
    [InlineData("--grep and --at exclude each other; see 'bootproto symbols --help'", "symbols", "--sample", "--grep", "a", "--at", "1")]
    [InlineData("--grep: expected a regular expression without references back, found '('", "symbols", "--sample", "--grep", "(")]
    [InlineData(@"--grep: expected a regular expression without references back, found '(a)\1'", "symbols", "--sample", "--grep", @"(a)\1")]
    [InlineData("--at: expected an address such as 0x1000000 or 16M", "symbols", "--sample", "--at", "x")]
    [InlineData("Must be one of: 'map' 'json'; see", "symbols", "--sample", "--format", "xml")]
    [InlineData("--timeout: expected a number of seconds above 0, at most 1000000; see", "run", "--timeout", "abc")]
    [InlineData("--timeout: expected a number of seconds above 0, at most 1000000; see", "run", "--timeout", "1e7")]
    [InlineData("Unrecognized command 'foo'; see 'bootproto kexec --help'", "kexec", "foo")]
    [InlineData("--cmdline and --reuse-cmdline are two command lines", "kexec", "load", "--sample", "--cmdline", "a", "--reuse-cmdline")]
    [InlineData("--append is for --reuse-cmdline", "kexec", "load", "--sample", "--append", "a")]
    [InlineData("with --file the running kernel places an image as it is", "kexec", "load", "x", "--file", "--kaslr", "random")]
    [InlineData("with --file the running kernel places an image as it is", "kexec", "load", "x", "--file", "--dry-run")]
    [InlineData("with --file the running kernel places an image as it is", "kexec", "load", "--sample", "--file")]
    [InlineData("--json is for --dry-run", "kexec", "load", "--sample", "--json")]
    [InlineData("Must be one of: 'text' 'json' 'sarif'; see", "check", "--sample", "--format", "xml")]
    [InlineData("Must be one of: 'qemu' 'firecracker'", "check", "--sample", "--for", "lilo")]
    [InlineData("only one file can be standard input (-)", "check", "-", "--initrd", "-")]
    [InlineData("--cert, --dbx and --bank are for images", "verify", "x", "--dbx", "y", "--first-mfn", "1")]
    [InlineData("Unrecognized option '--sumary'; see 'bootproto inspect --help'; did you mean '--summary'?", "inspect", "--sumary", "vmlinuz")]
    [InlineData("Unrecognized option '--memroy'; see 'bootproto build --help'; did you mean '--memory'?", "build", "--sample", "--memroy", "1G")]
    [InlineData("Unrecognized command 'inspekt'; see 'bootproto --help'; did you mean 'inspect'?", "inspekt")]
    [InlineData("--json: expected no value, found 'maybe'; see 'bootproto build --help'", "build", "--sample", "--json=maybe")]
    [InlineData("-p: expected no value, found ''; see 'bootproto kexec unload --help'", "kexec", "unload", "-p=")]
    [InlineData("nothing is to be changed; see 'bootproto repack --help'", "repack", "x", "-o", "y")]
    [InlineData("--section takes NAME=FILE, and '.cmdline' is none", "repack", "x", "-o", "y", "--section", ".cmdline")]
    [InlineData("only one file can be standard input (-)", "repack", "-", "-o", "y", "--vmlinux", "-")]
    [InlineData("see 'bootproto repack --help'", "repack", "x", "--strip-signature")]
    [InlineData("Required argument missing for option: '--dbx'; see 'bootproto verify --help'", "verify", "x", "--cert", "y", "--dbx", "z", "--dbx")]
    [InlineData("Required argument missing for option: '--memory'; see 'bootproto build --help'", "build", "--sample", "-m", "1G", "-m")]
    [InlineData("see 'bootproto kexec load --help'", "kexec", "load", "--memory", "1G")]
    public void A_wrong_command_line_is_one_line_with_help(string expected, params string[] arguments) =>
        Assert.Contains(expected, CliRun.Start(arguments).Failed(2), StringComparison.Ordinal);

    /// <summary>A text that begins with @ is a text.</summary>
    [Fact]
    public void No_argument_is_a_file_with_arguments()
    {
        Assert.Equal("error: @/etc: no such file\n", CliRun.Start("inspect", "@/etc").Failed(1));
        string json = CliRun.Start("build", "--sample", "--cmdline", "@missing", "--json").Succeeded();
        Assert.Contains("\"command_line\": \"@missing\"", json, StringComparison.Ordinal);
    }

    /// <summary>The column of names is as wide as its longest, and a pipe has no width to shorten it by.</summary>
    [Theory]
    [InlineData("--help")]
    [InlineData("layout", "--help")]
    public void Names_in_help_leave_room_for_what_they_mean(params string[] arguments) =>
        Assert.DoesNotContain(new string(' ', 80), CliRun.Start(arguments).Succeeded(), StringComparison.Ordinal);

    [Fact]
    public void Help_and_version_are_no_errors()
    {
        Assert.Contains("inspect", CliRun.Start("--help").Succeeded(), StringComparison.Ordinal);
        Assert.Contains("IMAGE", CliRun.Start("inspect", "--help").Succeeded(), StringComparison.Ordinal);
        Assert.Matches(@"^bootproto \d+\.\d+\.\d+( \([0-9a-f]{12}\))?\n$", CliRun.Start("--version").Succeeded());
    }
}
