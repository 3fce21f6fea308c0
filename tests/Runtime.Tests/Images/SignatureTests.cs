using System.Buffers.Binary;
using BootProtocol.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Images;

/// <summary>Signatures as their tools leave them: set, taken off again, and broken.</summary>
[Needs(Need.Kernels)]
public sealed class SignatureTests
{
    private const int ChecksumField = 0x98;
    private const int CertificatesField = 0xe8;

    private static byte[] Signed => File.ReadAllBytes(DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));

    [Fact]
    public void A_signature_that_was_taken_off_leaves_the_checksum_valid()
    {
        byte[] bytes = Signed;
        int end = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(CertificatesField));
        bytes.AsSpan(CertificatesField, 8).Clear();
        Assert.NotEqual(0u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(ChecksumField)));
        using var image = BootImage.Open(bytes.AsMemory(..end));
        Assert.Empty(image.Signatures);
        Assert.Equal(ChecksumState.Valid, image.Checksum);
    }

    [Fact]
    public void A_signed_image_that_was_changed_has_an_invalid_checksum()
    {
        byte[] bytes = Signed;
        bytes[0x100000] ^= 4;
        using var image = BootImage.Open(bytes);
        Assert.Equal(ChecksumState.Invalid, image.Checksum);
        Assert.Single(image.Signatures);
    }

    [Fact]
    public void Where_the_size_is_not_said_the_image_ends_before_its_certificates()
    {
        byte[] bytes = Signed;
        bytes.AsSpan(0x1f4, 4).Clear();
        using var image = BootImage.Open(bytes);
        Assert.Equal(image.Signatures[0].Offset, image.ContentLength);
    }

    [Fact]
    public void Certificates_that_are_broken_are_the_one_exception()
    {
        byte[] bytes = Signed;
        int start = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(CertificatesField));
        byte[] kept = bytes[start..];
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            kept.CopyTo(bytes, start);
            bytes[start + random.Next(kept.Length)] ^= (byte)(1 << random.Next(8));
            using var image = BootImage.Open(bytes);
            try
            {
                Assert.InRange(image.Signatures.Length, 1, 64);
            }
            catch (BootFormatException exception)
            {
                Assert.Equal("win_certificate", exception.Structure);
            }
        }

        using var cut = BootImage.Open(bytes.AsMemory(..^1));
        Assert.Equal("certs", Assert.Throws<BootFormatException>(() => cut.Signatures).Field);
    }

    /// <summary>sbverify's own words for who signed are the certificate's subject; the same name is found without OpenSSL.</summary>
    [Fact]
    public void Signers_are_those_that_the_certificates_name()
    {
        using var image = BootImage.Open(Signed);
        PeSignature signature = image.Signatures[0];
        string text = System.Text.Encoding.Latin1.GetString(Signed.AsSpan((int)signature.Offset, signature.Length));
        Assert.Contains(Assert.Single(signature.Signers), text, StringComparison.Ordinal);
    }
}
