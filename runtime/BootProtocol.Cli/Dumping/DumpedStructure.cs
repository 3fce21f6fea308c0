using BootProtocol.Cli.Inspection;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Dumping;

/// <summary>A structure and its bytes.</summary>
/// <param name="Record">What the bytes hold.</param>
/// <param name="Offset">The place in the file.</param>
/// <param name="Bytes">The bytes that belong to it.</param>
internal sealed record DumpedStructure(SpecRecord Record, long Offset, byte[] Bytes)
{
    /// <summary>Its fields, those of nested structures one by one.</summary>
    public IReadOnlyList<RecordRow> Rows { get; } = RecordTable.Rows(Record, Offset);

    /// <summary>Reads a structure.</summary>
    /// <param name="structure">The structure.</param>
    /// <param name="bytes">The file from the structure's place on; bytes behind the structure do not matter.</param>
    /// <param name="offset">That place.</param>
    /// <param name="word">The variant, if there are two.</param>
    public static DumpedStructure Read(SpecStructure structure, ReadOnlySpan<byte> bytes, long offset, WordSize word = WordSize.Bits64)
    {
        SpecRecord record = SpecReader.Read(structure, bytes, word);
        return new DumpedStructure(record, offset, bytes[..record.Length].ToArray());
    }

    /// <summary>The bytes of a row.</summary>
    public ReadOnlySpan<byte> BytesOf(RecordRow row) => row.Offset is { } place ? Bytes.AsSpan((int)(place - Offset), row.Size) : [];
}
