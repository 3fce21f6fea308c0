using System.Collections.Immutable;

namespace BootProtocol.Hashes;

/// <summary>Hashes, without a library for cryptography.</summary>
/// <remarks>
/// The platform's classes need OpenSSL's library at run time, which a rescue system or a container need not have. Nothing here is secret, so
/// that time which depends on the bytes gives nothing away.
/// </remarks>
/// <example><code>
/// byte[] hash = HashFunctions.Hash(HashFunction.Sha256, image.Bytes);
/// Console.WriteLine($"{HashFunctions.Name(HashFunction.Sha256)} {Convert.ToHexStringLower(hash)}");
/// </code></example>
public static class HashFunctions
{
    /// <summary>The names of all functions, in the order of <see cref="HashFunction"/>.</summary>
    public static ImmutableArray<string> Names { get; } = ["sha1", "sha256", "sha384", "sha512"];

    /// <summary>The name of a function: <c>sha1</c>, <c>sha256</c>, <c>sha384</c> or <c>sha512</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static string Name(HashFunction function)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)function, (uint)HashFunction.Sha512, nameof(function));
        return Names[(int)function];
    }

    /// <summary>Finds the function that has a name.</summary>
    /// <param name="name">The name, in lower case as <see cref="Name"/> gives it.</param>
    /// <param name="function">The function.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(string? name, out HashFunction function)
    {
        int index = name is null ? -1 : Names.IndexOf(name);
        function = (HashFunction)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Bytes of a hash.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no hash function.</exception>
    public static int Length(HashFunction function) => Create(function).Length;

    /// <summary>The hash of some bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no hash function.</exception>
    public static byte[] Hash(HashFunction function, ReadOnlySpan<byte> bytes)
    {
        RunningHash hash = Create(function);
        hash.Add(bytes);
        return hash.Finish();
    }

    /// <summary>Starts a hash of bytes that come in parts.</summary>
    internal static RunningHash Create(HashFunction function) => function switch
    {
        HashFunction.Sha1 => new Sha1(),
        HashFunction.Sha256 => new Sha256(),
        HashFunction.Sha384 => new Sha512(Sha512.Length384),
        HashFunction.Sha512 => new Sha512(Sha512.Length512),
        _ => throw new ArgumentOutOfRangeException(nameof(function)),
    };
}
