using BootProtocol.Decompress;

namespace BootProtocol.Kernels;

/// <summary>A payload that was found by search.</summary>
/// <param name="Format">Its format.</param>
/// <param name="Offset">Where it starts in what was searched, in bytes.</param>
/// <param name="Length">Its bytes, as far as they are known; else everything up to the end.</param>
/// <param name="End">What is known of its last bytes.</param>
/// <param name="IsElf">Whether an ELF file is in it.</param>
internal readonly record struct FoundPayload(PayloadFormat Format, int Offset, int Length, PayloadEnd End, bool IsElf = false);
