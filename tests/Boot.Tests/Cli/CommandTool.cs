using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>The command-line tool as a process of its own, as a person starts it.</summary>
internal static class CommandTool
{
    /// <summary>The program.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "bootproto");

    /// <summary>Runs a command.</summary>
    public static ToolRun Start(params IEnumerable<string> arguments) => ToolRun.Start(Program, arguments, AppContext.BaseDirectory);

    /// <summary>Seconds that a guest may take, of which nothing is left only where it hangs: others may need the computer meanwhile.</summary>
    public const string Limit = "300";

    /// <summary>Builds and runs a guest in QEMU, emulated wherever the test runs, which may take a minute.</summary>
    public static ToolRun Run(params IEnumerable<string> arguments) => Start(["run", "--accel", "tcg", "--timeout", Limit, .. arguments]);

    /// <summary>Builds and runs a guest that never ends by itself, until it prints something.</summary>
    public static void RunUntil(string text, params IEnumerable<string> arguments)
    {
        string[] all = ["run", "--accel", "tcg", "--timeout", Limit, .. arguments];
        var start = new ProcessStartInfo(Program, all) { RedirectStandardOutput = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var seen = new StringBuilder();
        bool isThere = false;
        int character;
        while (!isThere && (character = process.StandardOutput.Read()) >= 0)
        {
            seen.Append((char)character);
            isThere = seen.Length >= text.Length && seen.ToString(seen.Length - text.Length, text.Length) == text;
        }

        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        Assert.True(isThere, $"The guest does not print '{text}', but:\n{seen}");
    }

    /// <summary>Builds a guest and reads what the tool says about it.</summary>
    public static JsonElement Build(params IEnumerable<string> arguments)
    {
        using var json = JsonDocument.Parse(Start(["build", "--json", .. arguments]).Succeeded());
        return json.RootElement.Clone();
    }

    /// <summary>Reads an address that the tool wrote.</summary>
    public static ulong Address(JsonElement value) =>
        ulong.Parse(value.GetString()!.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
