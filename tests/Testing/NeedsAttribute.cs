using Xunit.v3;

namespace BootProtocol.Testing;

/// <summary>
/// What a test, or all tests of a class, collection or assembly, needs beside the build: the trait <c>needs</c>, by which <c>tests/run.sh fast</c> leaves tests
/// out. What reaches for more than the running test has stated fails the test, so that the attribute cannot be forgotten.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class NeedsAttribute(Need need) : Attribute, ITraitAttribute
{
    private const string Trait = "needs";

    /// <summary>Fails the running test unless it states a need, or a greater one.</summary>
    /// <param name="need">What is about to be used.</param>
    /// <param name="what">Its name, for the message.</param>
    public static void Check(Need need, string what)
    {
        // While tests are being found, nothing runs yet.
        ITestContext context = TestContext.Current;
        IReadOnlyDictionary<string, IReadOnlyCollection<string>>? traits =
            context.Test?.Traits ?? context.TestCase?.Traits ?? context.TestMethod?.Traits ?? context.TestClass?.Traits ?? context.TestCollection?.Traits;
        if (traits is null)
            return;
        Assert.True(Of(traits) >= need, $"{what} is used by a test that does not have the attribute [Needs(Need.{need})].");
    }

    /// <summary>The greatest need among the traits of a test, a class or a collection.</summary>
    public static Need Of(IReadOnlyDictionary<string, IReadOnlyCollection<string>> traits) =>
        traits.TryGetValue(Trait, out IReadOnlyCollection<string>? values) ? values.Max(static value => Enum.Parse<Need>(value, ignoreCase: true)) : Need.None;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, need.ToString().ToLowerInvariant())];
}
