using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kernels.Options;
using BootProtocol.LinuxX86;
using BootProtocol.Rules;
using BootProtocol.Signatures;

namespace BootProtocol.Checks;

/// <summary>An image and what it is to be started with, each part read once and when a rule asks for it.</summary>
internal sealed class CheckSubject : IDisposable
{
    private readonly ImageCheckRequest _request;
    private Kernel? _kernel;
    private bool _hasKernel;
    private ParseError _kernelFault;
    private InitrdContents? _initrd;
    private KernelConfiguration? _options;
    private IReadOnlyList<string>? _words;
    private ImmutableArray<ImageSignature> _signatures;

    public CheckSubject(BootImage file, ImageCheckRequest request)
    {
        _request = request;
        File = file;
        Image = Innermost(file);
    }

    /// <summary>The file, which firmware and signatures are about.</summary>
    public BootImage File { get; }

    /// <summary>The image in the file that a kernel comes out of.</summary>
    public BootImage Image { get; }

    /// <summary>What starts it; null where nobody says.</summary>
    public CheckTarget? Target => _request.Target;

    /// <summary>When certificates have to be valid.</summary>
    public DateTimeOffset Time => _request.Time;

    /// <summary>Whether the image has a Linux header.</summary>
    public bool HasHeader => Image.HasSetupHeader;

    /// <summary>The Linux header.</summary>
    public SetupHeader Header => Image.SetupHeader;

    /// <summary>The command line; null where it is not known.</summary>
    public string? CommandLine => _request.CommandLine
        ?? (File.UnifiedKernel?.Profiles[0] is { } profile && profile.Find(".cmdline") is not null ? profile.CommandLine : null);

    /// <summary>The words of the command line up to the one that gives the rest to the first process.</summary>
    public IEnumerable<string> Words => _words ??= CommandLineWords.Split(CommandLine ?? "");

    /// <summary>The initial ramdisk; null if there is none.</summary>
    public InitrdContents? Initrd => _initrd ??= InitrdBytes is { IsEmpty: false } bytes ? InitrdContents.Read(bytes) : null;

    /// <summary>The bytes of the initial ramdisk, as a loader passes them on; empty if there is none.</summary>
    public ReadOnlyMemory<byte> InitrdBytes
    {
        get
        {
            if (_request.Initrd is { } given)
                return given;
            if (File.UnifiedKernel?.Profiles[0] is not { } profile)
                return default;
            return profile.Initrds is [var only] ? only : Joined(profile.Initrds);
        }
    }

    /// <summary>Whether the kernel is a Linux.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded, or what decides about it is broken.</exception>
    public bool IsLinux => Elf is not null
        && Kernel!.BootWays.Any(static check => check is { Way: BootWay.Linux64 or BootWay.Linux32, Possible: true });

    /// <summary>The kernel, decoded to its end; null if the image has none.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded.</exception>
    public Kernel? Kernel
    {
        get
        {
            if (!_hasKernel)
            {
                _hasKernel = true;
                try
                {
                    _kernel = Image.FindPayload() is { } payload ? payload.Decompress() : null;
                    _ = _kernel?.DecodeAll();
                }
                catch (BootFormatException exception)
                {
                    _kernelFault = exception.Error;
                }
            }

            return _kernelFault.IsError ? throw _kernelFault.ToException() : _kernel;
        }
    }

    /// <summary>The kernel as an ELF file; null if the image has none, or it is no ELF file.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded, or its headers are broken.</exception>
    public ElfFile? Elf => Kernel is { IsElf: true } kernel ? kernel.Elf : null;

    /// <summary>How the kernel was configured, as far as it says; null if there is none.</summary>
    public KernelConfiguration? Options => _options ??= Kernel is { } kernel ? KernelConfiguration.Read(kernel) : null;

    /// <summary>The signatures of the file.</summary>
    public ImmutableArray<ImageSignature> Signatures => _signatures.IsDefault ? _signatures = ImageSignature.ReadAll(File) : _signatures;

    /// <summary>Says why an option is not built into the kernel; null if it is, or if nothing says so.</summary>
    /// <param name="option">The option, without <c>CONFIG_</c>.</param>
    public string? Lacks(string option)
    {
        if (Options?.IsBuiltIn(option) != false)
            return null;
        return Options.TryFind(option, out KernelOption? found) && found.Witness is { } witness
            ? $"it has {witness} (CONFIG_{option})"
            : $"its configuration has no CONFIG_{option}=y";
    }

    /// <inheritdoc/>
    public void Dispose() => _kernel?.Dispose();

    private static BootImage Innermost(BootImage image)
    {
        try
        {
            while (image.Inner is { } inner)
                image = inner;
        }
        catch (BootFormatException)
        {
            // The rule about broken files opens it again, and says why.
        }

        return image;
    }

    /// <summary>Each part starts at a multiple of 4 bytes, as systemd's stub joins them.</summary>
    private static byte[] Joined(ImmutableArray<ReadOnlyMemory<byte>> parts)
    {
        var all = new List<byte>();
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            all.AddRange(part.Span);
            all.AddRange(new byte[-all.Count & 3]);
        }

        return [.. all];
    }
}
