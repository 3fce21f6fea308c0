using BootProtocol.Layout.Tests.Tables;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>Something of a spec that C is to agree with.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name in the spec.</param>
/// <param name="Code">The C lines that do not compile if C disagrees.</param>
internal sealed record Assertion(TwinKind Kind, string Name, string Code);
