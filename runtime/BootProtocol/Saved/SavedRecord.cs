using BootProtocol.XenStream;

namespace BootProtocol.Saved;

/// <summary>A record in the file of a saved domain: where it stands, and what it is.</summary>
/// <param name="IsLibxl">Whether it is one of libxl's records; else it is one of libxenguest's.</param>
/// <param name="Type">Its kind: a <see cref="LibxlRecordType"/> or a <see cref="XcRecordType"/>.</param>
/// <param name="Offset">Where it starts, in bytes from the file's start.</param>
/// <param name="Length">Bytes of its body.</param>
/// <example><code>
/// var record = new SavedRecord(false, (uint)XcRecordType.PageData, 0x120, 4_202_504);
/// Console.WriteLine($"{(XcRecordType)record.Type} at 0x{record.Offset:x}, {record.Length} bytes");
/// </code></example>
public readonly record struct SavedRecord(bool IsLibxl, uint Type, long Offset, uint Length);
