using System.Buffers.Binary;

namespace BootProtocol.Fuzz;

/// <summary>Changes inputs at random.</summary>
internal sealed class Mutator(Random random)
{
    private const int MaximumLength = 1 << 20;
    private const int LongestPiece = 256;

    /// <summary>Numbers at which sums and comparisons break.</summary>
    private static readonly ulong[] _edges =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
        0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffff0, 0xffffffffffffffff,
    ];

    /// <summary>Makes one to eight changes.</summary>
    /// <param name="target">The kind of input.</param>
    /// <param name="input">The input, which stays as it is.</param>
    /// <param name="other">An input of the same kind, of which pieces are taken.</param>
    public byte[] Mutate(Target target, byte[] input, byte[] other)
    {
        Range[] structures = input.Length == 0 ? [] : target.Structures(input);
        byte[] changed = [.. input];
        for (int changes = 1 << random.Next(4); changes > 0; changes--)
            changed = changed.Length == 0 ? RandomBytes() : Change(changed, other, Place(changed.Length, structures));
        return changed;
    }

    private byte[] Change(byte[] input, byte[] other, int place)
    {
        switch (random.Next(12))
        {
            case 0:
                return input[..random.Next(input.Length + 1)];
            case 1:
                return [.. input[..place], .. input[Math.Min(input.Length, place + random.Next(1, LongestPiece))..]];
            case 2:
                return input.Length > MaximumLength ? input : [.. input[..place], .. Piece(random.Next(2) == 0 ? input : other), .. input[place..]];
            case 3:
                ReadOnlySpan<byte> piece = Piece(random.Next(2) == 0 ? input : other);
                piece[..Math.Min(piece.Length, input.Length - place)].CopyTo(input.AsSpan(place));
                return input;
            case 4:
                return [.. input[..place], .. other[Math.Min(place, other.Length)..]];
            case 5 or 6:
                input[place] ^= (byte)(1 << random.Next(8));
                return input;
            case 7:
                input[place] = (byte)random.Next(256);
                return input;
            case 8:
                input[place] += (byte)(random.Next(33) - 16);
                return input;
            default:
                Span<byte> number = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(number, _edges[random.Next(_edges.Length)]);
                int size = Math.Min(1 << random.Next(4), input.Length - place);
                number[..size].CopyTo(input.AsSpan(place));
                return input;
        }
    }

    private byte[] RandomBytes()
    {
        byte[] bytes = new byte[random.Next(1, LongestPiece)];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Piece(byte[] input)
    {
        int start = random.Next(input.Length + 1);
        return input[start..Math.Min(input.Length, start + random.Next(1, LongestPiece))];
    }

    private int Place(int length, Range[] structures)
    {
        if (structures.Length > 0 && random.Next(4) > 0)
        {
            Range structure = structures[random.Next(structures.Length)];
            int place = random.Next(structure.Start.Value, structure.End.Value);
            if (place < length)
                return place;
        }

        return random.Next(length);
    }
}
