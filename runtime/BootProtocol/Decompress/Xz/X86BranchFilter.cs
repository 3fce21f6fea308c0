using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>
/// The x86 branch filter ("BCJ"): before compression, the relative targets of near calls and jumps were made absolute, so that calls of one
/// function look alike.
/// </summary>
/// <remarks>
/// A byte e8 or e9 counts as such an instruction if the highest byte of its operand is 00 or ff. Data may look like this too, so the three
/// bytes before decide along: of the opcodes there that were left alone, at most one may be, and its own highest operand byte, which lies
/// within the operand at hand, must not be 00 or ff, neither before nor after. So coding and decoding see the same and undo each other.
/// </remarks>
internal static class X86BranchFilter
{
    /// <summary>Bytes of an instruction: what is nearer to the end is not filtered.</summary>
    private const int InstructionLength = 5;

    /// <summary>Decodes or codes bytes in place.</summary>
    /// <param name="bytes">The bytes from the filter's beginning on.</param>
    /// <param name="start">The address of the first of them.</param>
    /// <param name="isDecoding">Whether to make absolute targets relative, or the reverse.</param>
    /// <returns>How many bytes have their final value; up to four more have it if nothing follows.</returns>
    public static int Run(Span<byte> bytes, uint start, bool isDecoding)
    {
        // Bit n: the byte n + 1 back is an opcode that was left alone.
        uint leftAlone = 0;
        int at = 0;
        int limit = bytes.Length - (InstructionLength - 1);
        while (at < limit)
        {
            int gap = bytes[at..limit].IndexOfAny((byte)0xe8, (byte)0xe9);
            if (gap < 0)
                return limit;
            at += gap;
            leftAlone = gap > 2 ? 0 : leftAlone << gap & 7;

            var operand = bytes.Slice(at + 1, InstructionLength - 1);
            if (IsSign(operand[3]) && Allows(leftAlone, operand))
            {
                uint address = start + (uint)at + InstructionLength;
                Write(operand, Convert(Read(operand), isDecoding ? 0 - address : address, leftAlone));
                leftAlone = 0;
                at += InstructionLength;
            }
            else
            {
                leftAlone = (leftAlone << 1 | 1) & 7;
                at++;
            }
        }
        return Math.Max(at, 0);
    }

    private static bool Allows(uint leftAlone, ReadOnlySpan<byte> operand) => leftAlone switch
    {
        0 => true,
        1 => !IsSign(operand[2]),
        2 => !IsSign(operand[1]),
        4 => !IsSign(operand[0]),
        _ => false,
    };

    private static uint Convert(uint operand, uint change, uint leftAlone)
    {
        uint target = operand + change;
        if (leftAlone == 0)
            return target;
        // The earlier opcode's highest operand byte, and the bits from there down.
        int shift = leftAlone switch { 1 => 16, 2 => 8, _ => 0 };
        uint mask = (1u << (shift + 8)) - 1;
        return IsSign((byte)(target >> shift)) ? (target ^ mask) + change : target;
    }

    private static bool IsSign(byte value) => value is 0 or 0xff;

    private static uint Read(ReadOnlySpan<byte> operand) => BinaryPrimitives.ReadUInt32LittleEndian(operand);

    /// <summary>Writes 25 bits, with the highest as a sign.</summary>
    private static void Write(Span<byte> operand, uint target) =>
        BinaryPrimitives.WriteInt32LittleEndian(operand, (int)(target << 7) >> 7);
}
