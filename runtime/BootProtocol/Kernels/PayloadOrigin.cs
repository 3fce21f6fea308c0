namespace BootProtocol.Kernels;

/// <summary>How a payload was found.</summary>
/// <example><code>
/// string how = kernel.Payload.Origin == PayloadOrigin.Header ? "the header says where it is" : $"by {kernel.Payload.Origin}";
/// Console.WriteLine(how);
/// </code></example>
public enum PayloadOrigin
{
    /// <summary>The Linux header places it (protocol 2.08 or later).</summary>
    Header,

    /// <summary>It was searched for in a Linux image whose header does not place it.</summary>
    Search,

    /// <summary>It is the whole file.</summary>
    File,

    /// <summary>The header of an EFI zboot image places it.</summary>
    EfiZboot,

    /// <summary>
    /// The image holds no packed kernel, but is one: its payload is its protected-mode part as it is, which is entered by the Linux boot
    /// protocol (memtest86+, unikernels).
    /// </summary>
    Image,
}
