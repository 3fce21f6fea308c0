namespace BootProtocol.Kernels.Options;

/// <summary>An option of a kernel's build, and what proves it.</summary>
/// <param name="Name">Its name without <c>CONFIG_</c>, such as <c>VIRTIO_BLK</c>.</param>
/// <param name="State">What is known of it.</param>
/// <param name="Value">The number or text of <see cref="KernelOptionState.Value"/>, texts with their quotation marks; else null.</param>
/// <param name="Witness">What proves it, such as <c>function virtblk_probe</c> or <c>no section .BTF</c>; null if the kernel's configuration says it.</param>
/// <example><code>
/// foreach (KernelOption option in KernelConfiguration.Read(kernel))
///     Console.WriteLine(option.Witness is null ? $"{option}" : $"{option}  ({option.Witness})");
/// </code></example>
public sealed record KernelOption(string Name, KernelOptionState State, string? Value, string? Witness)
{
    /// <summary>The line of a configuration, such as <c>CONFIG_VIRTIO_BLK=y</c>; <c>CONFIG_VIRTIO_BLK is not built in</c> where more is not known.</summary>
    public override string ToString() => State switch
    {
        KernelOptionState.BuiltIn => $"CONFIG_{Name}=y",
        KernelOptionState.Module => $"CONFIG_{Name}=m",
        KernelOptionState.Value => $"CONFIG_{Name}={Value}",
        KernelOptionState.NotSet => $"# CONFIG_{Name} is not set",
        _ => $"CONFIG_{Name} is not built in",
    };
}
