namespace BootProtocol.Cli.Reference;

/// <summary>A file of the reference.</summary>
/// <param name="Path">Its place in the directory, with <c>/</c> between folders.</param>
/// <param name="Text">What it holds.</param>
internal sealed record ReferencePage(string Path, string Text);
