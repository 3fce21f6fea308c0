namespace BootProtocol.Cli.Comparison;

/// <summary>Something that two images do not say alike.</summary>
/// <param name="Part">The part of the image.</param>
/// <param name="Name">What of it.</param>
/// <param name="First">What the first image says; null if it says nothing.</param>
/// <param name="Second">What the second image says; null if it says nothing.</param>
internal sealed record Difference(string Part, string Name, string? First, string? Second);
