using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Lists of signatures, in all forms that sbsigntool writes them in.</summary>
public sealed class SignatureListTests : IDisposable
{
    private static readonly Guid _owner = new("77fa9abd-0359-4d32-bd60-28f4e78f784b");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Needs(Need.Tools)]
    public void Lists_of_sbsigntool_are_read()
    {
        using var authority = new TestAuthority(_folder);
        string list = _folder.File("cert.esl");
        _ = ToolRun.Start(
            "sbsiglist", ["--owner", $"{_owner}", "--type", "x509", "--output", list, authority.DerFile], _folder.Path).Succeeded();
        byte[] certificates = File.ReadAllBytes(list);
        SignatureListEntry entry = Assert.Single(SignatureList.Read(certificates).Entries);
        Assert.Equal(SignatureListKind.Certificate, entry.Kind);
        Assert.Equal(File.ReadAllBytes(authority.DerFile), entry.Data.ToArray());
        Assert.Equal(_owner, entry.Owner);
        Assert.NotNull(SignatureList.Read(certificates).FindCertificate(Certificate.ReadAll(File.ReadAllBytes(authority.File))[0]));

        byte[] hash = [.. Enumerable.Range(1, 32).Select(static number => (byte)number)];
        File.WriteAllBytes(_folder.File("hash"), hash);
        string hashes = _folder.File("hash.esl");
        _ = ToolRun.Start(
            "sbsiglist", ["--owner", $"{_owner}", "--type", "sha256", "--output", hashes, _folder.File("hash")], _folder.Path).Succeeded();
        byte[] own = SignatureList.Write([new SignatureListEntry(SignatureListKind.ImageHash, HashFunction.Sha256, hash, _owner)]);
        Assert.Equal(File.ReadAllBytes(hashes), own);

        // Both in one variable, as Linux shows it, as a signed update, and as that is written to efivarfs.
        byte[] both = [.. certificates, .. File.ReadAllBytes(hashes)];
        File.WriteAllBytes(_folder.File("both.esl"), both);
        string update = _folder.File("both.auth");
        _ = ToolRun.Start(
            "sbvarsign",
            ["--key", authority.KeyFile, "--cert", authority.File, "--output", update, "dbx", _folder.File("both.esl")],
            _folder.Path).Succeeded();
        string written = _folder.File("written.auth");
        _ = ToolRun.Start(
            "sbvarsign",
            ["--key", authority.KeyFile, "--cert", authority.File, "--include-attrs", "--output", written, "dbx", _folder.File("both.esl")],
            _folder.Path).Succeeded();
        foreach (byte[] form in (byte[][])[both, [0x27, 0, 0, 0, .. both], File.ReadAllBytes(update), File.ReadAllBytes(written)])
        {
            SignatureList read = SignatureList.Read(form);
            Assert.Equal([SignatureListKind.Certificate, SignatureListKind.ImageHash], read.Entries.Select(static found => found.Kind));
            Assert.Equal(hash, read.Entries[1].Data.ToArray());
        }
    }

    [Fact]
    public void Kinds_are_read_as_they_were_written()
    {
        var entries = new List<SignatureListEntry>();
        foreach (HashFunction function in Enum.GetValues<HashFunction>())
        {
            byte[] hash = HashFunctions.Hash(function, [1]);
            entries.Add(new SignatureListEntry(SignatureListKind.ImageHash, function, hash, _owner));
            if (function == HashFunction.Sha1)
                Assert.Throws<ArgumentException>(() => SignatureList.Write([OfCertificate(hash)]));
            else
                entries.Add(new SignatureListEntry(SignatureListKind.CertificateHash, function, (byte[])[.. hash, .. new byte[16]], _owner));

            SignatureListEntry OfCertificate(byte[] hash) => new(SignatureListKind.CertificateHash, function, hash, _owner);
        }

        SignatureList read = SignatureList.Read(SignatureList.Write(entries));
        Assert.Equal(entries.Count, read.Entries.Length);
        foreach ((SignatureListEntry written, SignatureListEntry found) in entries.Zip(read.Entries))
        {
            Assert.Equal((written.Kind, written.Function, written.Owner), (found.Kind, found.Function, found.Owner));
            Assert.Equal(HashFunctions.Hash(written.Function!.Value, [1]), found.Data.ToArray());
        }

        Assert.Empty(SignatureList.Read(new byte[4]).Entries);
    }

    /// <summary>An empty file is none, so that nobody takes it for a list that revokes nothing; and a hash has the length of its function.</summary>
    [Fact]
    public void A_file_without_lists_and_hashes_of_another_length_are_refused()
    {
        Assert.Equal("an empty file", Assert.Throws<BootFormatException>(() => SignatureList.Read(default)).Found);
        foreach (int size in (int[])[8, 31, 33, 48])
            Assert.Equal("signature_size", Refused(SignatureListKind.ImageHash, size).Field);
        foreach (int size in (int[])[8, 31, 33, 47])
            Assert.Equal("signature_size", Refused(SignatureListKind.CertificateHash, size).Field);

        static BootFormatException Refused(SignatureListKind kind, int size) =>
            Assert.Throws<BootFormatException>(() => Read(kind, new byte[size]));
    }

    [Fact]
    public void Broken_lists_are_the_one_exception()
    {
        byte[] whole = SignatureList.Write(
        [
            new SignatureListEntry(SignatureListKind.ImageHash, HashFunction.Sha256, new byte[32], _owner),
            new SignatureListEntry(SignatureListKind.ImageHash, HashFunction.Sha256, new byte[32], _owner),
        ]);
        var random = new Random(8);
        int read = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] changed = [.. whole];
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                read += SignatureList.Read(changed.AsMemory(..random.Next(changed.Length + 1))).Entries.Length > 0 ? 1 : 0;
            }
            catch (BootFormatException)
            {
                continue;
            }
        }

        Assert.NotEqual(0, read);
        Assert.Equal("efi_signature_list", Assert.Throws<BootFormatException>(() => SignatureList.Read("no list at all, but a text"u8.ToArray())).Structure);
    }

    /// <summary>What is revoked is refused by its own digest, by a certificate, or by a certificate's hash, whoever signed it.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void What_is_revoked_is_refused()
    {
        using var image = BootImage.Open(DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));
        Certificate leaf = ImageSignature.ReadAll(image)[0].Certificates[0];
        Certificate[] trusted = [leaf];
        byte[] digest = ImageDigest.Compute(image, HashFunction.Sha256);
        Assert.Equal(ImageVerdictKind.Trusted, Judge(SignatureListKind.ImageHash, new byte[32]));
        Assert.Equal(ImageVerdictKind.Revoked, Judge(SignatureListKind.ImageHash, digest));
        Assert.Equal(ImageVerdictKind.Revoked, Judge(SignatureListKind.CertificateHash, leaf.BodyHash(HashFunction.Sha256)));
        byte[] byCertificate = SignatureList.Write([new SignatureListEntry(SignatureListKind.Certificate, null, leaf.Bytes, _owner)]);
        Assert.Equal(ImageVerdictKind.Revoked, ImageVerdict.Of(image, null, SignatureList.Read(byCertificate)).Kind);

        ImageVerdictKind Judge(SignatureListKind kind, byte[] hash) => ImageVerdict.Of(image, trusted, Read(kind, hash)).Kind;
    }

    /// <summary>An authority that is revoked is so for all that it issued: whether the image carries it, it is trusted itself, or only the signer is.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void What_a_revoked_authority_issued_is_refused()
    {
        using var image = BootImage.Open(DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));
        Certificate leaf = ImageSignature.ReadAll(image)[0].Certificates[0];
        Certificate authority = Certificate.ReadAll(File.ReadAllBytes(DebianKernels.Find("shim", "debian-uefi-ca.der")))[0];
        SignatureList whole = SignatureList.Read(
            SignatureList.Write([new SignatureListEntry(SignatureListKind.Certificate, null, authority.Bytes, _owner)]));
        SignatureList hashed = Read(SignatureListKind.CertificateHash, authority.BodyHash(HashFunction.Sha256));
        foreach (Certificate[]? trusted in (Certificate[]?[])[null, [authority], [leaf], [leaf, authority]])
        {
            ImageVerdict verdict = ImageVerdict.Of(image, trusted, whole);
            Assert.Equal(ImageVerdictKind.Revoked, verdict.Kind);
            Assert.Equal($"the certificate {authority.Subject} is revoked", verdict.Reason);
        }

        Assert.Equal(ImageVerdictKind.Revoked, ImageVerdict.Of(image, [authority], hashed).Kind);
        Assert.Equal(ImageVerdictKind.Revoked, ImageVerdict.Of(image, [leaf, authority], hashed).Kind);

        using var other = new TestAuthority(_folder);
        SignatureList others = SignatureList.Read(
            SignatureList.Write([new SignatureListEntry(SignatureListKind.Certificate, null, File.ReadAllBytes(other.DerFile), _owner)]));
        Assert.Equal(ImageVerdictKind.Trusted, ImageVerdict.Of(image, [authority], others).Kind);
    }

    /// <summary>A length in another form, or another signature of the issuer's, makes another file of a certificate, but not another certificate.</summary>
    [Fact]
    public void A_certificate_that_is_encoded_in_another_way_is_revoked_all_the_same()
    {
        using var authority = new TestAuthority(_folder);
        byte[] bytes = File.ReadAllBytes(authority.DerFile);
        SignatureList revoked = SignatureList.Read(SignatureList.Write([new SignatureListEntry(SignatureListKind.Certificate, null, bytes, _owner)]));
        Assert.Equal(0x82, bytes[1]);
        byte[] longer = [bytes[0], 0x83, 0, .. bytes[2..]];
        byte[] indefinite = [bytes[0], 0x80, .. bytes[4..], 0, 0];
        byte[] signed = [.. bytes];
        signed[^1] ^= 1;
        foreach (byte[] encoded in (byte[][])[bytes, longer, indefinite, signed])
            Assert.NotNull(revoked.FindCertificate(Certificate.ReadAll(encoded)[0]));
        using var other = new TestAuthority(_folder, "Other CA");
        Assert.Null(revoked.FindCertificate(Certificate.ReadAll(File.ReadAllBytes(other.DerFile))[0]));
    }

    /// <summary>However many entries a list has, a certificate is hashed once by each function.</summary>
    [Fact]
    public void A_certificate_is_hashed_once()
    {
        using var authority = new TestAuthority(_folder);
        Certificate certificate = Certificate.ReadAll(File.ReadAllBytes(authority.DerFile))[0];
        byte[] hash = certificate.BodyHash(HashFunction.Sha256);
        Assert.Same(hash, certificate.BodyHash(HashFunction.Sha256));
        SignatureListEntry[] entries =
        [
            .. Enumerable.Range(0, 1000).Select(number => new SignatureListEntry(
                SignatureListKind.CertificateHash, HashFunction.Sha256, HashFunctions.Hash(HashFunction.Sha256, BitConverter.GetBytes(number)), _owner)),
        ];
        Assert.Null(SignatureList.Read(SignatureList.Write(entries)).FindCertificate(certificate));
        entries[^1] = entries[^1] with { Data = hash };
        Assert.Equal(hash, SignatureList.Read(SignatureList.Write(entries)).FindCertificate(certificate)!.Data.ToArray());
    }

    private static SignatureList Read(SignatureListKind kind, byte[] hash) =>
        SignatureList.Read(SignatureList.Write([new SignatureListEntry(kind, HashFunction.Sha256, hash, _owner)]));
}
