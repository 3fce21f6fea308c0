using System.Text.Json;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Signatures;
using BootProtocol.Signatures;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary><c>bootproto verify</c> of images.</summary>
[Needs(Need.Kernels)]
public sealed class VerifyImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Signed => DebianKernels.Find("bookworm-signed-amd64", "vmlinuz");

    private static string Authority => DebianKernels.Find("shim", "debian-uefi-ca.der");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_signed_kernel_is_shown_with_its_signer()
    {
        string report = CliRun.Start("verify", Signed).Succeeded();
        Assert.Contains("signed by CN=Debian Secure Boot Signer 2022 - linux; no certificate was given to trust", report, StringComparison.Ordinal);
        Assert.Contains(
            "\n  signer         CN=Debian Secure Boot Signer 2022 - linux\n    issued by    CN=Debian Secure Boot CA\n",
            report, StringComparison.Ordinal);
        string trusted = CliRun.Start("verify", Signed, "--cert", Authority).Succeeded();
        Assert.Contains(
            "trusted: signed by CN=Debian Secure Boot Signer 2022 - linux, by way of the trusted CN=Debian Secure Boot CA",
            trusted, StringComparison.Ordinal);
        using var other = new TestAuthority(_folder);
        Assert.Contains("which no given certificate issued", CliRun.Start("verify", Signed, "--cert", other.File).Faulty(), StringComparison.Ordinal);
        _ = CliRun.Start("verify", Signed, "--cert", other.File, "--cert", Authority).Succeeded();
    }

    [Fact]
    public void Revoked_images_are_refused()
    {
        using var image = BootImage.Open(Signed);
        byte[] digest = ImageDigest.Compute(image, HashFunction.Sha256);
        byte[] list = SignatureList.Write([new SignatureListEntry(SignatureListKind.ImageHash, HashFunction.Sha256, digest, Guid.Empty)]);
        File.WriteAllBytes(_folder.File("dbx"), list);
        File.WriteAllBytes(_folder.File("empty"), []);
        File.WriteAllBytes(_folder.File("none"), [0x27, 0, 0, 0]);
        string line = CliRun.Start("verify", Signed, "--cert", Authority, "--dbx", _folder.File("none"), "--dbx", _folder.File("dbx")).Faulty();
        Assert.Equal($"error: {Signed}: its digest {Convert.ToHexStringLower(digest)} is revoked\n", line);
        _ = CliRun.Start("verify", Signed, "--dbx", _folder.File("none")).Succeeded();
        Assert.Contains("found an empty file", CliRun.Start("verify", Signed, "--dbx", _folder.File("empty")).Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_without_an_end_is_no_certificate_and_no_list()
    {
        const string Expected = "error: /dev/zero: file: expected at most 67108864 bytes, found more\n";
        foreach (string option in (string[])["--cert", "--dbx"])
            Assert.Equal(Expected, CliRun.Start("verify", Signed, option, "/dev/zero").Failed(1));
    }

    /// <summary>A report beside an image makes that no domain, whatever its name; nor do registers.</summary>
    [Fact]
    public void An_image_is_one_whatever_lies_beside_it()
    {
        string path = _folder.File("image");
        File.Copy(Signed, path);
        string report = CliRun.Start("verify", path, "--json").Succeeded();
        File.WriteAllText(path + ".json", report);
        Assert.Equal(report, CliRun.Start("verify", path, "--json").Succeeded());
        File.WriteAllText(path + ".vcpu", "");
        Assert.Equal(report, CliRun.Start("verify", path, "--json").Succeeded());
        File.WriteAllText(_folder.File("other"), "no image");
        File.WriteAllText(_folder.File("other.json"), report);
        Assert.Contains("/other: image: expected", CliRun.Start("verify", _folder.File("other")).Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Unsigned_and_changed_images_are_refused_with_all_that_is_known()
    {
        Assert.Equal($"error: {DebianKernels.Cloud61}: it has no signature\n", CliRun.Start("verify", DebianKernels.Cloud61).Faulty());
        byte[] bytes = File.ReadAllBytes(Signed);
        bytes[0x10000] ^= 1;
        File.WriteAllBytes(_folder.File("changed"), bytes);
        CliRun run = CliRun.Start("verify", _folder.File("changed"), "--json");
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("wrong", json.RootElement.GetProperty("verdict").GetString());
        Assert.False(json.RootElement.GetProperty("signatures")[0].GetProperty("digest_matches").GetBoolean());
    }

    [Fact]
    public void Wrong_files_are_one_line()
    {
        File.WriteAllText(_folder.File("text"), "nothing of the kind");
        Assert.Contains(
            "expected an X.509 certificate (DER or PEM)",
            CliRun.Start("verify", Signed, "--cert", _folder.File("text")).Failed(1), StringComparison.Ordinal);
        Assert.Contains(
            "expected lists of signatures of EFI",
            CliRun.Start("verify", Signed, "--dbx", _folder.File("text")).Failed(1), StringComparison.Ordinal);
        Assert.Contains("no such file", CliRun.Start("verify", Signed, "--cert", _folder.File("none")).Failed(1), StringComparison.Ordinal);
        Assert.Contains(
            "expected an EFI program, which has PE headers, found none",
            CliRun.Start("verify", DebianKernels.Grub32).Failed(1), StringComparison.Ordinal);
        Assert.Contains(
            "--bank: expected one of sha1, sha256, sha384, sha512, found 'md5'",
            CliRun.Start("verify", Signed, "--bank", "md5").Failed(2), StringComparison.Ordinal);
        Assert.Contains("are for images", CliRun.Start("verify", Signed, "--cert", Authority, "--memory", "1M").Failed(2), StringComparison.Ordinal);
    }

    /// <summary>No library of OpenSSL is loaded.</summary>
    [Fact]
    public void Signatures_are_checked_without_a_library_for_cryptography()
    {
        var environment = new Dictionary<string, string> { ["LD_DEBUG"] = "files" };
        ToolRun run = ToolRun.Start(
            Path.Combine(AppContext.BaseDirectory, "bootproto"), ["verify", Signed, "--cert", Authority], _folder.Path, environment);
        Assert.Contains("trusted", run.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("file=libc.so.6", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("libssl", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("libcrypto", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Cryptography.Native", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unified_kernel_image_has_its_measurements()
    {
        byte[] file = PeFile.Add(PeFile.Stub(), (".linux", File.ReadAllBytes(Signed)), (".cmdline", "quiet"u8.ToArray()));
        File.WriteAllBytes(_folder.File("unified"), file);
        string report = CliRun.Start("verify", _folder.File("unified")).Output;
        using var image = BootImage.Open(file);
        foreach (byte[] value in UnifiedKernelMeasurement.Pcr11(image.UnifiedKernel!.Profiles[0], HashFunction.Sha256))
            Assert.Contains(Convert.ToHexStringLower(value), report, StringComparison.Ordinal);
        using var inner = BootImage.Open(Signed);
        Assert.Contains(Convert.ToHexStringLower(ImageDigest.Compute(inner, HashFunction.Sha256)), report, StringComparison.Ordinal);
    }

    /// <summary>A profile may have a kernel of its own, and firmware extends PCR 4 with the digest of the one that is started.</summary>
    [Fact]
    public void A_profile_with_its_own_kernel_has_the_digest_of_that()
    {
        string other = DebianKernels.Cloud61;
        byte[] file = PeFile.Add(
            PeFile.Stub(),
            (".linux", File.ReadAllBytes(Signed)),
            (".profile", "ID=main"u8.ToArray()),
            (".profile", "ID=other"u8.ToArray()),
            (".linux", File.ReadAllBytes(other)));
        File.WriteAllBytes(_folder.File("profiles"), file);
        string report = CliRun.Start("verify", _folder.File("profiles")).Output;
        string digest = ToolRun.Start("pesign", ["-h", "-i", other], _folder.Path).Succeeded().Split("hash: ")[1].Trim();
        Assert.Contains($"sha256 of .linux, profile 1 (PCR 4)  {digest}", report, StringComparison.Ordinal);
        Assert.DoesNotContain("profile 0 (PCR 4)", report, StringComparison.Ordinal);
    }
}
