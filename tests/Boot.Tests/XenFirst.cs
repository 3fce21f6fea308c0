using BootProtocol.Testing;
using Xunit.Sdk;
using Xunit.v3;

namespace BootProtocol.Boot.Tests;

/// <summary>Control domains of Xen come first: they take longest by far, and while they run on one processor all else runs on the other.</summary>
public sealed class XenFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(static collection => NeedsAttribute.Of(collection.Traits))];
}
