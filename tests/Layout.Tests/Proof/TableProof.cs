using System.Collections.Immutable;
using BootProtocol.Layout.Tests.Tables;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>The assertions of one twin table for one word size: they make one C file.</summary>
internal sealed record TableProof(TwinTable Table, int Bits, ImmutableArray<Assertion> Assertions)
{
    /// <summary>The C file.</summary>
    public string Source => string.Join('\n', [.. Table.Preamble, "#include <stddef.h>", "", .. Assertions.Select(assertion => assertion.Code), ""]);
}
