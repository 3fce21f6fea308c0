using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Signatures;

/// <summary>Keys and certificates of the tests' own, as files: an authority, and signers whose certificates it issues.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset _start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder;
    private readonly RSA _key;
    private readonly X509Certificate2 _certificate;
    private readonly HashAlgorithmName _hash;
    private byte _number = 1;

    public TestAuthority(TemporaryFolder folder, string name = "Tests CA", int bits = 2048, HashAlgorithmName? hash = null)
    {
        _folder = folder;
        _hash = hash ?? HashAlgorithmName.SHA256;
        _key = RSA.Create(bits);
        CertificateRequest request = Request(name, _key, isAuthority: true);
        _certificate = request.CreateSelfSigned(_start, _start.AddYears(30));
        File = folder.File($"{name.Replace(' ', '-')}.pem");
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
        DerFile = Path.ChangeExtension(File, ".der");
        System.IO.File.WriteAllBytes(DerFile, _certificate.RawData);
        KeyFile = Path.ChangeExtension(File, ".key");
        System.IO.File.WriteAllText(KeyFile, _key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Its certificate, PEM.</summary>
    public string File { get; }

    /// <summary>Its certificate, DER.</summary>
    public string DerFile { get; }

    /// <summary>Its key, PEM.</summary>
    public string KeyFile { get; }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    /// <summary>Issues a certificate for a new key.</summary>
    /// <returns>The files of the certificate and of the key, PEM both.</returns>
    public (string Certificate, string Key) Issue(string name, bool isAuthority = false, int bits = 2048, int years = 20)
    {
        using var key = RSA.Create(bits);
        using X509Certificate2 certificate = Request(name, key, isAuthority).Create(_certificate, _start, _start.AddYears(years), [_number++]);
        string path = _folder.File($"{name.Replace(' ', '-')}.pem");
        System.IO.File.WriteAllText(path, certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
        return (path, path + ".key");
    }

    /// <summary>Signs an image by sbsigntool.</summary>
    /// <returns>The signed file.</returns>
    public string Sign(string image, (string Certificate, string Key) signer, params string[] added)
    {
        string signed = _folder.File($"{Path.GetFileName(image)}.signed");
        string[] more = [.. added.SelectMany(static path => new[] { "--addcert", path })];
        _ = ToolRun.Start("sbsign", ["--key", signer.Key, "--cert", signer.Certificate, .. more, "--output", signed, image], _folder.Path).Succeeded();
        return signed;
    }

    private CertificateRequest Request(string name, RSA key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}, O=BootProtocol", key, _hash, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }
}
