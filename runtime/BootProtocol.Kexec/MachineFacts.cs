using System.Collections.Immutable;
using BootProtocol.Domains;
using BootProtocol.Kexec.Host;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Kexec;

/// <summary>What the running kernel has of the machine from its boot loader or by itself, and the next one has to be given.</summary>
/// <remarks>As setup_boot_parameters of arch/x86/kernel/kexec-bzimage64.c hands it on.</remarks>
internal sealed class MachineFacts
{
    private const int SeedLength = 32;
    private readonly KexecHost _host;
    private readonly byte[] _page;
    private readonly HostFirmware? _firmware;

    private MachineFacts(KexecHost host, byte[] page, HostFirmware? firmware)
    {
        _host = host;
        _page = page;
        _firmware = firmware;
    }

    /// <summary>Parts of the zero page that are handed on as they are: first byte and length.</summary>
    private static (int Start, int Length)[] Parts =>
    [
        (BootParams.Layout.Offset.ScreenInfo, ScreenInfo.Layout.Size),
        (BootParams.Layout.Offset.ApmBiosInfo, ApmBiosInfo.Layout.Size),
        (BootParams.Layout.Offset.IstInfo, IstInfo.Layout.Size),
        (BootParams.Layout.Offset.EdidInfo, EdidInfo.Layout.Size),
        (BootParams.Layout.Offset.EddbufEntries, 1),
        (BootParams.Layout.Offset.EddMbrSigBufEntries, 1),
        (BootParams.Layout.Offset.EddMbrSigBuffer, BootParams.Layout.Offset.E820Table - BootParams.Layout.Offset.EddMbrSigBuffer),
        (BootParams.Layout.Offset.Eddbuf, EddDisks * EddInfo.Layout.Size),
        (BootParams.Layout.Offset.KbdStatus, 1),
        (BootParams.Layout.Offset.SecureBoot, 1),
    ];

    /// <summary>EDDMAXNR of asm/edd.h.</summary>
    private const int EddDisks = 6;

    /// <summary>Reads them.</summary>
    /// <exception cref="KexecUnavailableException">They cannot be read.</exception>
    public static MachineFacts Read(KexecHost host) => new(host, host.BootParams.ToArray(), HostFirmware.Read(host.Files));

    /// <summary>A builder for the machine.</summary>
    /// <param name="options">How it is to be started.</param>
    /// <param name="crash">Its memory, if it is for a panic.</param>
    /// <exception cref="KexecUnavailableException">The running kernel does not show what is needed.</exception>
    public LinuxBootBuilder Builder(KexecOptions options, CrashPlace? crash)
    {
        MemoryMap map = crash?.Map ?? _host.Map;
        return new LinuxBootBuilder
        {
            MemorySize = map.RamSize,
            Map = map,
            CommandLine = crash is null ? options.CommandLine : $"{crash.Word} {options.CommandLine}".TrimEnd(), // behind "--" it would be init's
            Initrds = options.Initrds,
            Kaslr = options.Kaslr,
            DecompressInGuest = options.DecompressInGuest,
            FiveLevels = _host.HasFiveLevels,
            AcpiRsdp = HostFirmware.FindRsdp(_host.Files, BootParams.Parse(_page)),
            SetupData = SetupData(),
            EfiMemoryMap = _firmware?.MemoryMap ?? default,
            Edit = Edit,
        };
    }

    /// <summary>Copies into a zero page what stands there as it was handed to the running kernel.</summary>
    public void CopyTo(Span<byte> page)
    {
        foreach ((int start, int length) in Parts)
            _page.AsSpan(start, length).CopyTo(page[start..]);
    }

    private void Edit(BootParams.Writer parameters)
    {
        if (_firmware is not null)
            HostFirmware.Write(parameters.EfiInfo, BootParams.Parse(_page).EfiInfo);
    }

    /// <summary>EFI's addresses, and random numbers to start with where the kernel takes them.</summary>
    private ImmutableArray<SetupDataNode> SetupData()
    {
        SetupDataNode seed = SetupDataNode.RngSeed(_host.Files.ReadHead("dev/urandom", SeedLength)) with { IsOptional = true };
        return _firmware is null ? [seed] : [_firmware.Node, seed];
    }
}
