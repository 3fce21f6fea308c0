using System.Globalization;
using System.Linq;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Something wrong in a spec file, as a value: which rule, where, and what its message is filled with.</summary>
internal sealed record SpecProblem(SpecDescriptor Descriptor, SourceRange Range, EquatableArray<string> Arguments)
{
    /// <summary>The message with its arguments.</summary>
    public string Message => string.Format(CultureInfo.InvariantCulture, Descriptor.Format, [.. Arguments]);
}
