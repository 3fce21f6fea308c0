using BootProtocol.Decompress;

namespace BootProtocol.Repack;

/// <summary>How the kernel of a changed image was packed.</summary>
/// <param name="Format">The format, which is that of the image as it was: it has one decoder.</param>
/// <param name="Method">What packed it, and how hard: "zstd level 22", "xz -9e".</param>
/// <param name="Length">Bytes that it takes, with the size that follows the stream; without what fills the room.</param>
/// <param name="Room">Bytes that there are for it.</param>
/// <example><code>
/// RepackedImage changed = new ImageRepacker { Vmlinux = kernel.DecodeAll() }.Repack(image);
/// if (changed.Packing is { } packing)
///     Console.WriteLine($"{packing.Method}: {packing.Length} of {packing.Room} bytes");
/// </code></example>
public sealed record PayloadPacking(PayloadFormat Format, string Method, int Length, int Room);
