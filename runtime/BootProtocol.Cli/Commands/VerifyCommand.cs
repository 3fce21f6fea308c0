using System.Collections.Immutable;
using System.CommandLine;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Cli.Saved;
using BootProtocol.Cli.Signing;
using BootProtocol.Domains;
using BootProtocol.Hashes;
using BootProtocol.Memory;
using BootProtocol.Saved;
using BootProtocol.Verify;

namespace BootProtocol.Cli.Commands;

/// <summary>
/// <c>bootproto verify FILE</c>: judges an image by its signatures, or reads a raw or saved PV domain back as a hypervisor would.
/// </summary>
internal static class VerifyCommand
{
    private const ulong DefaultFrames = (256 << 20) / X86Page.Size;

    /// <summary>The command, for a console.</summary>
    public static Command Create(ToolConsole console)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "A kernel image or another EFI program; or a PV domain as 'build --boot xen-pv --format xl' writes it, or its frames, as "
                + "'--format raw' does, with FILE.vcpu beside them, and FILE.json if it is there.",
        };
        ArgumentRules.RefuseOptions(file);
        var certificates = Repeated("--cert", "FILE", "For an image: a certificate that is trusted, PEM or DER; may be given several times.");
        var revocations = Repeated(
            "--dbx", "FILE", "For an image: what must not be started, as lists of signatures of EFI, alone, as efivarfs has them, or as a signed update.");
        var banks = Repeated("--bank", "HASH", $"For an image: the hash functions of its digest and of the TPM's registers: {HashNames} (sha256 by default).");
        banks.CompletionSources.Add([.. HashFunctions.Names]);
        var memory = new Option<string?>("--memory", "-m")
        {
            Description = "Memory of the domain, as it was built: 256M, 3G, 0x10000000; digits alone are MiB. By default: what FILE.json says, "
                + "or 256M where there is no such file.",
            HelpName = "SIZE",
        };
        var first = new Option<string?>("--first-mfn")
        {
            Description = "The machine frame behind the domain's frame 0; the others follow it. By default: what FILE.json says, or 0x100000.",
            HelpName = "N",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command(
            "verify", "Check the signatures of an image and show what a TPM measures of it; or check a PV domain, as a hypervisor reads it.")
        {
            file, certificates, revocations, banks, memory, first, json,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            string[] trusted = parsed.GetValue(certificates) ?? [];
            string[] revoked = parsed.GetValue(revocations) ?? [];
            string[] hashes = parsed.GetValue(banks) ?? [];
            bool isOfImage = trusted.Length + revoked.Length + hashes.Length > 0;
            bool isOfDomain = parsed.GetValue(memory) is not null || parsed.GetValue(first) is not null;
            if (isOfImage && isOfDomain)
                throw new ToolException(ExitCode.Usage, "--cert, --dbx and --bank are for images, --memory and --first-mfn for domains");
            if (isOfImage || !(isOfDomain || IsDomain(path)))
                return VerifyImage(path, VerificationRequest.Read(trusted, revoked, hashes.Length == 0 ? ["sha256"] : hashes), parsed.GetValue(json), console);
            ulong? frames = parsed.GetValue(memory) is { } size ? DomainValues.Memory(size) / X86Page.Size : null;
            ContiguousFrames? machine = parsed.GetValue(first) is { } number
                ? new ContiguousFrames(new Mfn(DomainValues.Number("--first-mfn", number)))
                : null;
            return Run(path, frames, machine, parsed.GetValue(json), console);
        });
        return command;
    }

    private static string HashNames => string.Join(", ", HashFunctions.Names);

    private static Option<string[]> Repeated(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName, AllowMultipleArgumentsPerToken = false };

    /// <summary>A saved domain says what it is, and so does an image; a raw domain has its registers or its description beside it.</summary>
    private static bool IsDomain(string path)
    {
        if (path.Length == 0 || SavedSource.IsSaved(path))
            return path.Length > 0;
        if (ImageHead.IsImage(path))
            return false;
        return Path.Exists(path + ".vcpu") || IsDescription(path + RawDescription.Extension);
    }

    private static bool IsDescription(string path) =>
        File.Exists(path) && InputFile.Open(path, static file => RawDescription.IsOne(InputFile.ReadBytes(file)));

    private static int VerifyImage(string path, VerificationRequest request, bool asJson, ToolConsole console)
    {
        using var opened = OpenedImage.Open(path);
        var verification = ImageVerification.Of(opened, request);
        if (asJson)
            VerificationJson.Write(verification, console.Output);
        else
            ReportPrinter.Print(VerificationReport.Create(verification), console);
        if (verification.Verdict.IsGood)
            return ExitCode.Done;
        return asJson ? ExitCode.BadInput : throw new ToolException(ExitCode.BadInput, $"{opened.Name}: {verification.Verdict.Reason}");
    }

    private static int Run(string path, ulong? frameCount, IMachineFrames? frames, bool asJson, ToolConsole console)
    {
        ImmutableArray<Violation> violations = Verify(path, frameCount, frames);
        if (!asJson)
            return ViolationOutput.Print(path, violations, console);
        return ViolationOutput.WriteJson(writer => writer.WriteString("file", path), violations, console);
    }

    /// <summary>Checks the domain; what nobody told is what the description beside it says.</summary>
    private static ImmutableArray<Violation> Verify(string path, ulong? frameCount, IMachineFrames? frames)
    {
        if (SavedSource.IsSaved(path))
        {
            return frameCount is null && frames is null
                ? InputFile.Open(path, VerifySaved)
                : throw new ToolException(ExitCode.Usage, "--memory and --first-mfn are for raw domains, and this is a saved one, which says both");
        }

        RawDescription? description = frameCount is null || frames is null ? FindDescription(path) : null;
        return InputFile.Open(path, file =>
        {
            if (frameCount is null)
                description?.CheckFiles(file);
            XenPvImage image = XenPvImage.ReadRaw(
                file,
                frameCount ?? description?.FrameCount ?? DefaultFrames,
                frames ?? description?.Frames ?? new ContiguousFrames(XenPvBuilder.DefaultFirstFrame));
            using GuestMemory memory = image.Memory;
            return XenPvVerifier.Verify(image);
        });
    }

    private static ImmutableArray<Violation> VerifySaved(string path)
    {
        using FileStream file = File.OpenRead(path);
        XenPvImage image = SavedDomain.ReadPv(file);
        using GuestMemory memory = image.Memory;
        return XenPvVerifier.Verify(image);
    }

    private static RawDescription? FindDescription(string path)
    {
        string file = path + RawDescription.Extension;
        return Path.Exists(path) && Path.Exists(file)
            ? InputFile.Open(file, static file => RawDescription.Parse(InputFile.ReadBytes(file)))
            : null;
    }
}
