using System.CommandLine;

namespace BootProtocol.Cli;

/// <summary>The options that all commands have for the terminal.</summary>
internal sealed class TerminalOptions
{
    private const string Always = "always";
    private const string Never = "never";
    private const string Auto = "auto";

    private readonly Option<string> _color = new("--color")
    {
        Description = "Colours: on a terminal unless NO_COLOR is set (auto), or always, or never.",
        DefaultValueFactory = static _ => Auto,
        Recursive = true,
    };

    private readonly Option<bool> _noPager = new("--no-pager")
    {
        Description = "Do not hand output that is longer than the terminal to $BOOTPROTO_PAGER, $PAGER or less.",
        Recursive = true,
    };

    /// <summary>Makes them.</summary>
    public TerminalOptions() => _color.AcceptOnlyFromAmong(Always, Never, Auto);

    /// <summary>Adds them to a command and all those below it.</summary>
    public void AddTo(Command command)
    {
        command.Add(_color);
        command.Add(_noPager);
    }

    /// <summary>Has a console do what they say.</summary>
    public void Apply(ParseResult parsed, ToolConsole console)
    {
        console.HasColors = parsed.GetValue(_color) switch
        {
            Always => true,
            Never => false,
            _ => console.HasColors,
        };
        if (parsed.GetValue(_noPager))
            console.Pager = null;
    }
}
