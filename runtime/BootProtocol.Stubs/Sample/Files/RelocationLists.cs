using System.Buffers.Binary;
using BootProtocol.Relocate;
using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample.Files;

/// <summary>Writes relocations as the kernel's build appends them: 0 and a list, for each kind.</summary>
internal static class RelocationLists
{
    /// <summary>The virtual addresses of the places of a kind, their lower 32 bits.</summary>
    public static IEnumerable<uint> Select(LinkedGuest guest, RelocationKind kind) => guest.Relocations
        .Where(relocation => relocation.Kind == kind)
        .Select(relocation => (uint)(guest.ImageAddress + (ulong)relocation.Offset));

    /// <summary>Makes the lists: three for 64 bits, one for 32.</summary>
    public static byte[] Write(LinkedGuest guest)
    {
        RelocationKind[] kinds = guest.Word == WordSize.Bits64
            ? [RelocationKind.Add64, RelocationKind.Subtract32, RelocationKind.Add32]
            : [RelocationKind.Add32];
        var entries = new List<uint>();
        foreach (RelocationKind kind in kinds)
        {
            entries.Add(0);
            entries.AddRange(Select(guest, kind));
        }

        byte[] bytes = new byte[entries.Count * sizeof(uint)];
        for (int i = 0; i < entries.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), entries[i]);
        return bytes;
    }
}
