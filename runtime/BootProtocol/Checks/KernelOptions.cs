using System.Text;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Symbols;

namespace BootProtocol.Checks;

/// <summary>What is built into a kernel: by its embedded configuration, or else by functions that only one option brings along.</summary>
internal sealed class KernelOptions
{
    /// <summary>A function of each option that is always compiled with it and never without it, and is no part of a module.</summary>
    private static readonly Dictionary<string, string> _witnesses = new()
    {
        ["RD_GZIP"] = "gunzip",
        ["RD_BZIP2"] = "bunzip2",
        ["RD_LZMA"] = "unlzma",
        ["RD_XZ"] = "unxz",
        ["RD_LZO"] = "unlzo",
        ["RD_LZ4"] = "unlz4",
        ["RD_ZSTD"] = "unzstd",
        ["VIRTIO_BLK"] = "virtblk_probe",
        ["BLK_DEV_SD"] = "sd_probe",
        ["BLK_DEV_NVME"] = "nvme_probe",
        ["XEN_BLKDEV_FRONTEND"] = "blkfront_probe",
    };

    private readonly HashSet<string>? _configured;
    private readonly KernelSymbols? _symbols;

    private KernelOptions(HashSet<string>? configured, KernelSymbols? symbols)
    {
        _configured = configured;
        _symbols = symbols;
    }

    /// <summary>Reads what a kernel says.</summary>
    public static KernelOptions Read(Kernel? kernel)
    {
        if (kernel is null)
            return new KernelOptions(null, null);
        if (kernel.Configuration is { } text)
        {
            IEnumerable<string> lines = Encoding.ASCII.GetString(text.Span).Split('\n').Where(static line => line.EndsWith("=y", StringComparison.Ordinal));
            return new KernelOptions([.. lines.Select(static line => line["CONFIG_".Length..^2])], null);
        }

        return new KernelOptions(null, kernel.IsElf ? kernel.Symbols : null);
    }

    /// <summary>Whether an option is built in; null if nothing says so.</summary>
    public bool? Has(string option)
    {
        if (_configured is not null)
            return _configured.Contains(option);
        return _symbols?.TryFind(_witnesses[option], out _);
    }

    /// <summary>What says so.</summary>
    public string Witness(string option) =>
        _configured is not null ? $"its configuration has no CONFIG_{option}=y" : $"it has no function {_witnesses[option]} (CONFIG_{option})";
}
