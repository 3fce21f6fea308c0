using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace BootProtocol.Cli;

/// <summary>The tool's version.</summary>
internal static class ToolVersion
{
    /// <summary>The version with the commit that it was built from, where that is known: <c>0.2.0+9f2c...</c>.</summary>
    private static string Full =>
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Number;

    /// <summary>The version alone.</summary>
    public static string Number => typeof(ToolVersion).Assembly.GetName().Version!.ToString(3);

    /// <summary>Has <c>--version</c> say whose version it is.</summary>
    public static void AddTo(RootCommand root) => root.Options.OfType<VersionOption>().Single().Action = new Show();

    private sealed class Show : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override int Invoke(ParseResult parseResult)
        {
            string commit = Full.Split('+', 2) is [_, { Length: > 0 } text] ? $" ({text[..Math.Min(text.Length, 12)]})" : "";
            parseResult.InvocationConfiguration.Output.Write($"bootproto {Full.Split('+')[0]}{commit}\n");
            return ExitCode.Done;
        }
    }
}
