using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Something wrong in a spec file, as a value: which rule, where, and what its message is filled with.</summary>
/// <param name="Descriptor">The rule.</param>
/// <param name="Range">Where.</param>
/// <param name="Arguments">What its message is filled with.</param>
/// <param name="Replacement">The text that mends it in place of what stands there; null where that is not known.</param>
internal sealed record SpecProblem(SpecDescriptor Descriptor, SourceRange Range, EquatableArray<string> Arguments, string? Replacement = null)
{
    /// <summary>The message with its arguments.</summary>
    public string Message => string.Format(CultureInfo.InvariantCulture, Descriptor.Format, [.. Arguments]);
}
