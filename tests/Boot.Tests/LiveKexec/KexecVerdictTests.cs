using BootProtocol.Boot.Tests.LiveXen;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKexec;

/// <summary>What <c>bootproto check --for kexec</c> says of files, against what loaders do with the same files.</summary>
[Collection(KexecMachines.Name)]
public sealed class KexecVerdictTests(KexecMachines machines, ITestOutputHelper output)
{
    private const string Error = "error: ";

    public static TheoryData<string> Names { get; } = [.. KexecVerdict.All.Select(static verdict => verdict.Name)];

    /// <summary>What no loader takes is an error, and what one takes is none.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Check_says_what_loaders_do(string name)
    {
        KexecVerdict verdict = KexecVerdict.All.Single(one => one.Name == name);
        var takers = new List<string>();
        foreach (string loader in KexecVerdict.Loaders)
        {
            ToolRun run = machines.Bios.Step("first", $"{name}-{loader}");
            output.WriteLine($"{loader}: {run.ExitCode} {run.Output}{run.Errors}");
            if (run.ExitCode == 0)
                takers.Add(loader);
        }

        Assert.Equal(verdict.Takers, takers);
        string? error = Check(verdict);
        Assert.Equal(verdict.Error, error);
        Assert.Equal(error is not null && takers.Count > 0, verdict.Exception is not null);
        Assert.True(error is not null || takers.Count > 0, "no loader takes it, and check has no error");
    }

    /// <summary>The first error of check; null if it has none.</summary>
    private string? Check(KexecVerdict verdict)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), verdict.Bytes());
        File.WriteAllBytes(folder.File("initrd"), KexecVerdict.Initrd());
        string[] arguments = ["check", "image", "--initrd", "initrd", "--cmdline", verdict.Line, "--for", "kexec"];
        ToolRun run = ToolRun.Start(NativeTool.Bootproto, arguments, folder.Path);
        output.WriteLine($"check: {run.ExitCode} {run.Output}{run.Errors}");
        string? error = run.Errors.StartsWith(Error, StringComparison.Ordinal)
            ? KexecVerdict.NoImage
            : run.Output.Split('\n').FirstOrDefault(static line => line.StartsWith(Error, StringComparison.Ordinal))?[Error.Length..];
        Assert.Equal(error is not null, run.ExitCode == 1);
        return error;
    }
}
