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
    /// <summary>The most bytes of a file: certificates and lists have some hundred thousand, and a device may have no end.</summary>
    private const int MaximumLength = 1 << 26;

    /// <summary>Reads what the command line names.</summary>
    /// <exception cref="ToolException">A file cannot be read, or is of another kind.</exception>
    public static VerificationRequest Read(IReadOnlyList<string> certificates, IReadOnlyList<string> revocations, IReadOnlyList<string> banks)
    {
        ImmutableArray<Certificate>? trusted = certificates.Count == 0
            ? null
            : [.. certificates.SelectMany(static path => InputFile.Open(path, static file => Certificate.ReadAll(ReadFile(file))))];
        return new VerificationRequest(trusted, ReadRevoked(revocations), [.. banks.Distinct().Select(Bank)]);
    }

    private static SignatureList? ReadRevoked(IReadOnlyList<string> paths)
    {
        SignatureList? all = null;
        foreach (string path in paths)
        {
            SignatureList list = InputFile.Open(path, static file => SignatureList.Read(ReadFile(file)));
            all = all is null ? list : all.With(list);
        }

        return all;
    }

    private static byte[] ReadFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        using var bytes = new MemoryStream();
        byte[] part = new byte[1 << 16];
        for (int count = stream.Read(part); count > 0; count = stream.Read(part))
        {
            if (bytes.Length + count > MaximumLength)
            {
                string most = FormattableString.Invariant($"at most {MaximumLength} bytes");
                throw new BootFormatException(BootErrorCode.TooLarge, "file", "", null, most, "more");
            }

            bytes.Write(part, 0, count);
        }

        return bytes.ToArray();
    }

    private static HashFunction Bank(string name) => HashFunctions.TryParse(name, out HashFunction function)
        ? function
        : throw new ToolException(ExitCode.Usage, $"--bank: expected one of {string.Join(", ", HashFunctions.Names)}, found '{name}'");
}
