using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Signatures;
using BootProtocol.Verify;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Asks an image for everything that the library can tell of it, and builds what it can be started as.</summary>
internal static class ImageReader
{
    private const ulong Memory = 32 << 20;
    private static readonly Limits _small = new() { MaximumOutput = 4 << 20, MaximumDecoderMemory = 64 << 20 };

    /// <summary>Reads an image of any kind.</summary>
    public static void Read(byte[] bytes, Facts facts)
    {
        BootImage? opened = null;
        facts.Ask("kind", () => (opened = BootImage.Open(bytes.AsMemory(), _small)).Kind);
        if (opened is null)
            return;
        using BootImage image = opened;
        Header(image, facts);
        Pe(image, facts);
        Kernel? decoded = null;
        facts.Ask("payload", () => (decoded = image.Decompress(_small)).Payload.Format);
        if (decoded is null)
            return;
        using Kernel kernel = decoded;
        Notes(kernel, facts);
        WholeKernel(kernel, facts);
        foreach (BootWay way in (ReadOnlySpan<BootWay>)[BootWay.Linux64, BootWay.Linux32, BootWay.Pvh])
        {
            facts.Ask($"{way}", () => Build(kernel, way, Kaslr.None));
            facts.Ask($"{way}, elsewhere", () => Build(kernel, way, Kaslr.Random(1)));
        }

        facts.Ask(nameof(BootWay.XenPv), () => BuildXenPv(kernel));
    }

    private static void Header(BootImage image, Facts facts)
    {
        facts.Ask("protocol", () => image.Protocol);
        facts.Ask("header end", () => image.SetupHeaderEnd);
        facts.Ask("setup", () => image.SetupLength);
        facts.Ask("length", () => image.ImageLength);
        facts.Ask("content", () => image.ContentLength);
        facts.Ask("truncated", () => image.IsTruncated);
        facts.Ask("trailing", () => image.TrailingLength);
        facts.Ask("version", () => image.KernelVersion);
        facts.Ask("header", () => image.DescribeSetupHeader());
        facts.Ask("ELF header", () => image.DescribeElfHeader());
        facts.Ask("kernel_info", () => image.TryGetKernelInfo(out _, out long offset) ? offset : null);
        facts.Ask("checksum", () => image.Checksum);
    }

    private static void Pe(BootImage image, Facts facts)
    {
        facts.Ask("PE", () => image.TryGetPe(out PeView pe) ? $"{pe.DescribeHeader()} {pe.DescribeOptionalHeader()} {pe.Fault}" : null);
        facts.AskAll("directory", () => image.TryGetPe(out PeView pe) ? pe.DescribeDataDirectory() : []);
        facts.AskAll("PE sections", () => image.TryGetPe(out PeView pe) ? pe.DescribeSections() : []);
        facts.AskAll("signatures", () => image.Signatures.Select(static signature => $"{signature.Offset}: {string.Join('/', signature.Signers)}"));
        facts.Ask("verdict", () => ImageVerdict.Of(image).Reason);
        facts.AskAll("SBAT", () => SbatEntry.ReadAll(image));
        facts.AskAll("PCR 11", () => (image.UnifiedKernel?.Profiles ?? []).Select(
            static profile => Convert.ToHexString(UnifiedKernelMeasurement.Pcr11(profile, HashFunction.Sha256, ""))));
        facts.AskAll("profiles", () => (image.UnifiedKernel?.Profiles ?? []).Select(static profile => $"{profile.Id} {profile.Title}"));
        facts.AskAll("command lines", () => (image.UnifiedKernel?.Profiles ?? []).Select(static profile => profile.CommandLine));
        facts.AskAll("initrds", () => (image.UnifiedKernel?.Profiles ?? []).Select(static profile => profile.Initrds.Length));
        facts.AskAll("texts", () => (image.UnifiedKernel?.Sections ?? []).Where(static section => section.IsText).Select(static section => section.Text));
        facts.Ask("inner", () => image.Inner?.Kind);
        facts.Ask("complete", () =>
        {
            image.EnsureComplete();
            return true;
        });
    }

    private static void Notes(Kernel kernel, Facts facts)
    {
        facts.Ask("in segments", () => kernel.Notes.InSegments.Length);
        facts.Ask("entry", () => kernel.Notes.Xen.Entry);
        facts.Ask("features", () => kernel.Notes.Xen.Features);
        facts.Ask("PAE", () => kernel.Notes.Xen.PaeMode);
        facts.Ask("PVH", () => kernel.Notes.Xen.Phys32Entry);
        facts.Ask("range", () => kernel.Notes.Xen.Phys32Reloc);
        facts.Ask("build", () => Convert.ToHexString(kernel.Notes.Gnu.BuildId));
        facts.AskAll("notes", () => kernel.Notes.All.Select(static note => $"{note.Owner} {note.Type}"));
        facts.Ask("intact notes", () => $"{kernel.Notes.ReadIntact(true, out var faults).Length} {string.Join(", ", faults)}");
        facts.AskAll("ways", () => kernel.BootWays);
    }

    private static void WholeKernel(Kernel kernel, Facts facts)
    {
        facts.Ask("decoded", () => kernel.DecodeAll().Length);
        facts.Ask("banner", () => kernel.Banner);
        facts.Ask("configuration", () => kernel.Configuration?.Length);
        ElfFile? opened = null;
        facts.Ask("ELF", () => opened = kernel.Elf);
        if (opened is not { } elf)
            return;
        facts.Ask("ELF kind", () => elf.Kind);
        facts.AskAll("segment faults", () => elf.Segments.Faults);
        facts.AskAll("load segments", () => elf.LoadSegments.Select(segment => elf.Read(segment).Length));
        facts.AskAll("section faults", () => elf.Sections.Faults);
        facts.AskAll("sections", () => elf.Sections.Select(static section => section.Name));
        facts.AskAll("symbols", () => Symbols(elf));
        facts.Ask("end", () => elf.EndOfFile);
        facts.AskAll("relocations", () => kernel.Relocations is { } table ? table.Kinds.Select(kind => $"{kind} {table.Count(kind)}") : []);
    }

    private static IEnumerable<string> Symbols(ElfFile elf)
    {
        if (elf.Symbols is not { } symbols)
            yield break;
        foreach (SymbolEntry symbol in symbols)
            yield return symbol.Name;
    }

    private static string Build(Kernel kernel, BootWay way, Kaslr kaslr)
    {
        using Domain domain = way == BootWay.Pvh
            ? new PvhBuilder { MemorySize = Memory, Kaslr = kaslr }.Build(kernel)
            : new LinuxBootBuilder { MemorySize = Memory, Kaslr = kaslr, Mode = way == BootWay.Linux64 ? WordSize.Bits64 : WordSize.Bits32 }.Build(kernel);
        return string.Join(", ", domain.Regions);
    }

    /// <summary>Builds a domain, which has to hold Xen's rules.</summary>
    private static string BuildXenPv(Kernel kernel)
    {
        using XenPvDomain domain = new XenPvBuilder { MemorySize = Memory }.Build(kernel);
        if (XenPvVerifier.Verify(XenPvImage.Of(domain)) is [var violation, ..])
            throw new InvalidOperationException($"The domain that was built breaks a rule: {violation}");
        return string.Join(", ", domain.Regions);
    }
}
