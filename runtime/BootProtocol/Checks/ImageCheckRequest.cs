namespace BootProtocol.Checks;

/// <summary>What an image is to be started with, and by what.</summary>
/// <example><code>
/// var request = new ImageCheckRequest { CommandLine = "root=/dev/vda console=ttyS0", Target = CheckTarget.Qemu };
/// Console.WriteLine(ImageCheck.Run(image, request).Stopper?.Message ?? "nothing stops it");
/// </code></example>
public sealed record ImageCheckRequest
{
    /// <summary>The initial ramdisk, as it is given to a loader; null for none, or for that of a unified kernel image.</summary>
    public ReadOnlyMemory<byte>? Initrd { get; init; }

    /// <summary>The command line; null where it is not known, or for that of a unified kernel image.</summary>
    public string? CommandLine { get; init; }

    /// <summary>What starts it; null where nobody says: then only rules that hold for all targets are asked.</summary>
    public CheckTarget? Target { get; init; }

    /// <summary>When certificates have to be valid; now unless set.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.UtcNow;
}
