using System.Collections.Immutable;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Signatures;

namespace BootProtocol.Cli.Signing;

/// <summary>What an image is to be verified against.</summary>
/// <param name="Trusted">The certificates that are trusted; null where none was given.</param>
/// <param name="Revoked">What must not be started; null where no list was given.</param>
/// <param name="Banks">The hash functions in which digests and registers are shown.</param>
internal sealed record VerificationRequest(
    ImmutableArray<Certificate>? Trusted, SignatureList? Revoked, ImmutableArray<HashFunction> Banks)
{
    /// <summary>Reads what the command line names.</summary>
    /// <exception cref="ToolException">A file cannot be read, or is of another kind.</exception>
    public static VerificationRequest Read(IReadOnlyList<string> certificates, IReadOnlyList<string> revocations, IReadOnlyList<string> banks)
    {
        ImmutableArray<Certificate>? trusted = certificates.Count == 0
            ? null
            : [.. certificates.SelectMany(static path => InputFile.Open(path, static file => Certificate.ReadAll(InputFile.ReadBytes(file))))];
        return new VerificationRequest(trusted, ReadRevoked(revocations), [.. banks.Distinct().Select(Bank)]);
    }

    private static SignatureList? ReadRevoked(IReadOnlyList<string> paths)
    {
        SignatureList? all = null;
        foreach (string path in paths)
        {
            SignatureList list = InputFile.Open(path, static file => SignatureList.Read(InputFile.ReadBytes(file)));
            all = all is null ? list : all.With(list);
        }

        return all;
    }

    private static HashFunction Bank(string name) => HashFunctions.TryParse(name, out HashFunction function)
        ? function
        : throw new ToolException(ExitCode.Usage, $"--bank: expected one of {string.Join(", ", HashFunctions.Names)}, found '{name}'");
}
