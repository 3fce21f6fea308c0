using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>A domain by a file of Xen's own tool, which may grow: compared with what that tool makes of the same file, and grown by it.</summary>
internal static partial class FileSteps
{
    private const int Memory = 128;
    private const int Most = 192;
    private const int More = 160;

    /// <summary>The file, in <c>/files</c>.</summary>
    public const string Name = "file.cfg";

    private static readonly string _file = $"""
        name = "from-file"
        type = "pv"
        kernel = "/files/6.12"
        ramdisk = "/files/citizen"
        extra = "console=hvc0 panic=-1 mitigations=off cryptomgr.notests"
        memory = {Memory}
        maxmem = {Most}
        vcpus = 2
        disk = [ '/tmp/disk,raw,xvda,w' ]
        vif = [ 'bridge=br0' ]
        cpus = "all"

        """;

    /// <summary>How much the guest's memory has grown since its first line about it, in KiB: it grows in pieces.</summary>
    private const string Growth = """
        growth() {
            set -- $(sed -n 's/.*MemTotal: *\([0-9]*\) kB.*/\1/p' /tmp/from-file | sed -n '1p;$p')
            echo $((${2:-0} - ${1:-0}))
        }

        """;

    /// <summary>Adds the steps, for which there are a disk and a bridge.</summary>
    public static void Add(ControlDomain control)
    {
        control.AddFile(Name, Encoding.ASCII.GetBytes(_file.ReplaceLineEndings("\n")));
        control.AddStep("file-paused", $"""
            bootproto xen start -f /files/{Name} --paused > /tmp/from-file || exit
            cat /tmp/from-file
            xl create -p /files/{Name} 'name="xl-file"' 'disk=[]' >&2 || exit
            for name in from-file xl-file; do
                id=$(xl domid $name)
                echo "$name: $(xenstore read /local/domain/$id/memory/static-max) $(xenstore read /local/domain/$id/memory/target)" \
                    "$(bootproto xen list --json | tr -d ' \n' | sed "s/.*\"id\":$id,//; s/\"vcpus\".*//; s/.*\"pages\"/\"pages\"/")" \
                    "$(xl list -l $id | tr -d ' \t\n' | sed 's/.*\("max_memkb":[0-9]*,"target_memkb":[0-9]*\).*/\1/')"
            done
            """);
        control.AddStep("file-compared", """
            XenDomains compare $(xl domid from-file) $(xl domid xl-file)
            code=$?
            xl destroy xl-file >&2
            exit $code
            """);
        control.AddStep("file-started", $"""
            {CitizenSteps.Await}
            {Growth}
            bootproto xen console $(xl domid from-file) > /tmp/from-file < /dev/null &
            bootproto xen unpause $(xl domid from-file)
            await 'grep -q "{CitizenSteps.Up}" /tmp/from-file' || exit
            xl mem-set from-file {More} && await 'xl list from-file | grep -q " {More} "' && await '[ $(growth) = {(More - Memory) << 10} ]'
            code=$?
            cat /tmp/from-file
            xl list from-file
            exit $code
            """);
        DeviceSteps.AddSeen(control, "file-seen");
        control.AddStep("file-end", $"""
            {CitizenSteps.Await}
            id=$(xl domid from-file)
            bootproto xen shutdown $id && await 'bootproto xen list | grep "from-file" | grep -q shutdown' && bootproto xen destroy $id
            """);
    }

    /// <summary>Checks what they came to.</summary>
    public static void Check(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        ToolRun paused = steps("file-paused");
        output.WriteLine(paused.Output);
        string[] lines = paused.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("warning: /files/file.cfg: not taken here: cpus\n", paused.Errors, StringComparison.Ordinal);
        Assert.Matches(@"^domain \d+ \(from-file\): paused$", lines[0]);
        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"from-file: {Most << 10} {Memory << 10} \"pages\":{Memory << 8},\"max_pages\":{(Memory << 8) + 256}, ")
            + string.Create(CultureInfo.InvariantCulture, $"\"max_memkb\":{Most << 10},\"target_memkb\":{Memory << 10}"),
            lines[1]);
        Assert.Equal(lines[1].Replace("from-file", "xl-file", StringComparison.Ordinal), lines[2]);
        string compared = steps("file-compared").Succeeded();
        output.WriteLine(compared);
        Assert.Contains("\ndifferent pages: 0\ncontext: equal, shared_info: equal\n", compared, StringComparison.Ordinal);
        string started = steps("file-started").Succeeded();
        output.WriteLine(started);
        Assert.Matches($@"(?m)^from-file +\d+ +{More} +2 ", started);
        int[] totals = [.. Total().Matches(started).Select(static match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
        Assert.Equal((More - Memory) << 10, totals[^1] - totals[0]);
        DeviceSteps.CheckSeen(started, steps("file-seen"));
        steps("file-end").Succeeded();
    }

    [GeneratedRegex("MemTotal: +([0-9]+) kB")]
    private static partial Regex Total();
}
