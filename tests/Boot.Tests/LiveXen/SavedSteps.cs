using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>A domain that Xen's own tool made and saved: what this tool says of the file.</summary>
internal static class SavedSteps
{
    private const string Name = "xl-saved";

    /// <summary>In memory: the domain is small enough for that.</summary>
    private const string File = "/run/saved";

    private const int Memory = 96;

    /// <summary>Adds the steps, for which there are a disk and a bridge.</summary>
    public static void Add(ControlDomain control)
    {
        control.AddStep("saved-made", $"""
            {CitizenSteps.Await}
            export LIBXL_SAVE_HELPER=/bin/libxl-save-helper
            xl create /files/{FileSteps.Name} 'name="{Name}"' memory={Memory} maxmem={Memory} >&2 || exit
            await 'grep -q "{CitizenSteps.Up}" /var/log/xen/console/guest-{Name}.log' || exit
            xl save {Name} {File} >&2 && ! xl domid {Name} > /dev/null 2>&1
            """);
        control.AddStep("saved-inspect", $"bootproto inspect {File}");
        control.AddStep("saved-dump", $"bootproto dump {File} > /tmp/dump; code=$?; head -n 60 /tmp/dump; rm /tmp/dump; exit $code");
        control.AddStep("saved-verify", $"bootproto verify {File}");
        control.AddStep("saved-end", $"rm {File}");
    }

    /// <summary>Checks what they came to.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="version">The version of Xen that saved it.</param>
    /// <param name="output">Where it is shown.</param>
    public static void Check(Func<string, ToolRun> steps, string version, ITestOutputHelper output)
    {
        steps("saved-made").Succeeded();
        string inspected = steps("saved-inspect").Succeeded();
        output.WriteLine(inspected);
        Assert.Matches($@"(?m)^  name +{Name}$", inspected);
        Assert.Matches($@"(?m)^  stream +version 3, in libxl's of version 2, of Xen {version.Replace(".", "\\.", StringComparison.Ordinal)}$", inspected);
        Assert.Matches($@"(?m)^  memory +{Memory << 8} frames, {Memory} MiB$", inspected);
        Assert.Matches("(?m)^  state +it had run when it was saved$", inspected);
        string dumped = steps("saved-dump").Succeeded();
        output.WriteLine(dumped);
        Assert.Contains("optional_data_len", dumped, StringComparison.Ordinal);
        ToolRun verified = steps("saved-verify");
        output.WriteLine(verified.Errors);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("one that was saved while it ran", verified.Errors, StringComparison.Ordinal);
    }
}
