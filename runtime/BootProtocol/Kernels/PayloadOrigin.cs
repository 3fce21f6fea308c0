namespace BootProtocol.Kernels;

/// <summary>How a payload was found.</summary>
public enum PayloadOrigin
{
    /// <summary>The Linux header places it (protocol 2.08 or later).</summary>
    Header,

    /// <summary>It was searched for in a Linux image whose header does not place it.</summary>
    Search,

    /// <summary>It is the whole file.</summary>
    File,
}
