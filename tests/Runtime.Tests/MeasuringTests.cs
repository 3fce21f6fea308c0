using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests;

/// <summary>Tests that measure: they run one after the other, when no others do.</summary>
[Needs(Need.Time)]
[CollectionDefinition(nameof(MeasuringTests), DisableParallelization = true)]
public sealed class MeasuringTests;
