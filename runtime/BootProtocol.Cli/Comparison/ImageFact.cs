namespace BootProtocol.Cli.Comparison;

/// <summary>One thing that an image says.</summary>
/// <param name="Part">The part of the image, such as <c>setup_header</c>.</param>
/// <param name="Name">What of it, such as a field.</param>
/// <param name="Value">What it says.</param>
internal sealed record ImageFact(string Part, string Name, string Value);
