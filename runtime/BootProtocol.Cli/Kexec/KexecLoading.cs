using System.Globalization;
using BootProtocol.Cli.Building;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Reports;
using BootProtocol.Images;
using BootProtocol.Kexec;

namespace BootProtocol.Cli.Kexec;

/// <summary>Loads a kernel, or shows where it would lie.</summary>
/// <param name="host">The running system.</param>
/// <param name="loader">What loads.</param>
/// <param name="console">Where it is shown.</param>
internal sealed class KexecLoading(KexecHost host, KexecLoader loader, ToolConsole console)
{
    /// <summary>Does what is wanted.</summary>
    /// <exception cref="ToolException">It is not possible.</exception>
    /// <exception cref="KexecUnavailableException">The running kernel loads none.</exception>
    /// <exception cref="KexecException">The running kernel refused.</exception>
    public void Run(KexecRequest request)
    {
        if (!request.IsDry)
            host.Check(request.Purpose, request.IsFile); // before the work
        if (request.IsReusing)
        {
            string line = host.ReusableCommandLine(request.Purpose);
            if (line.Contains('\ufffd', StringComparison.Ordinal))
                throw new ToolException(ExitCode.BadInput, "/proc/cmdline: expected a text in UTF-8, found other bytes; give a command line by --cmdline");
            string? more = request.Appended;
            request = request with { Domain = request.Domain with { CommandLine = string.IsNullOrEmpty(more) ? line : $"{line} {more}".TrimStart() } };
        }

        using var files = new InputFiles();
        if (request.IsFile)
            LoadFile(request, files);
        else
            Plan(request, files);
    }

    private void Plan(KexecRequest request, InputFiles files)
    {
        (DomainRequest resolved, KexecPlan made) = BuiltDomain.ReadKernel(request.Domain, console, out string name, (domain, _, kernel) =>
        {
            var options = new KexecOptions
            {
                Purpose = request.Purpose,
                CommandLine = domain.CommandLine ?? "",
                Initrds = files.OpenInitrds(domain),
                Kaslr = domain.Kaslr,
                DecompressInGuest = domain.DecompressInGuest,
            };
            return (domain, KexecPlan.Create(kernel, host, options));
        });
        using KexecPlan plan = made;
        if (!request.IsDry)
        {
            loader.Load(plan);
            Done(name, string.Create(CultureInfo.InvariantCulture, $"{plan.Segments.Length} segments, {ByteSize.Format(plan.Size)}, entered at {plan.Entry}"));
        }
        else if (request.IsJson)
        {
            KexecReport.WriteJson(name, plan, console.Output);
        }
        else
        {
            ReportPrinter.Print(KexecReport.Create(name, resolved, plan), console);
        }
    }

    private void LoadFile(KexecRequest request, InputFiles files)
    {
        using OpenedImage opened = OpenedImage.Open(request.Domain.Image);
        opened.Read(_ =>
        {
            opened.UnwrapWhole();
            UnifiedKernelProfile? profile = BuiltDomain.ChooseProfile(opened, request.Domain.Profile);
            DomainRequest domain = request.Domain with
            {
                UnifiedKernel = profile,
                CommandLine = request.Domain.CommandLine ?? profile?.CommandLine,
            };
            if (profile is null && opened.Image == opened.File && request.Domain.Image is { } path && path != InputFile.Standard)
                loader.LoadFile(path, files.OpenInitrds(domain), domain.CommandLine ?? "", request.Purpose);
            else
                loader.LoadFile(profile?.Kernel ?? opened.Image.Memory, files.OpenInitrds(domain), domain.CommandLine ?? "", request.Purpose);
            return true;
        });
        Done(opened.Name, "as it is");
    }

    private void Done(string name, string how) => console.Output.Write($"{Specs.SpecText.Printable(name)}: loaded, {how}\n");
}
