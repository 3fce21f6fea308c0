namespace BootProtocol.Generators.Diagnostics;

/// <summary>A message that a spec can get.</summary>
/// <param name="Id">Its number, such as <c>BPS2001</c>.</param>
/// <param name="Title">A few words for what is wrong.</param>
/// <param name="Format">The message, with places for its arguments.</param>
/// <param name="IsAdvice">Whether the spec is right all the same.</param>
internal sealed record SpecDescriptor(string Id, string Title, string Format, bool IsAdvice);
