namespace BootProtocol.Sample.Packing;

/// <summary>A segment of the kernel.</summary>
/// <param name="FileOffset">Where it is in the unpacked payload, in bytes.</param>
/// <param name="FileSize">Bytes in the payload.</param>
/// <param name="ImageOffset">Where it belongs, in bytes from the start of the kernel.</param>
/// <param name="MemorySize">Bytes in memory; what the payload lacks is zero.</param>
internal readonly record struct UnpackedSegment(int FileOffset, int FileSize, int ImageOffset, int MemorySize);
