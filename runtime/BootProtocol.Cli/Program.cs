using BootProtocol.Cli;

using var console = ToolConsole.OfProcess();
return CommandLineTool.Run(args, console);
