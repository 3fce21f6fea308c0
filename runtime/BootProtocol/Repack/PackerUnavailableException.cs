namespace BootProtocol.Repack;

/// <summary>The program that packs a format is not on this machine, or does not do it.</summary>
/// <remarks>It is needed for LZMA, xz and LZO alone: there is no other encoder for these.</remarks>
/// <example><code>
/// try
/// {
///     _ = new ImageRepacker { Vmlinux = kernel.DecodeAll() }.Repack(image);
/// }
/// catch (PackerUnavailableException missing)
/// {
///     Console.WriteLine(missing.Message);
/// }
/// </code></example>
public sealed class PackerUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">One line that says which program it is.</param>
    /// <param name="inner">The exception behind it; null if there is none.</param>
    public PackerUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
