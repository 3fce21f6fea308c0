using System.Globalization;

namespace BootProtocol.Runtime.Tests.Oracle;

/// <summary>
/// How many random inputs are held against Xen's own builder. A run of the tests takes the same few each time; for thousands of others,
/// ORACLE_ROUNDS and ORACLE_SEED are set in the environment.
/// </summary>
internal static class RandomRounds
{
    /// <summary>Rounds: those of a usual run, unless the environment says otherwise.</summary>
    public static int Count(int usual) => Read("ORACLE_ROUNDS") ?? usual;

    /// <summary>The choices of a usual run, unless the environment says otherwise.</summary>
    public static Random Create(int usual) => new(Read("ORACLE_SEED") ?? usual);

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
